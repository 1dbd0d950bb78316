"""The servers that a satellite can talk to, as data.

A new provider is one entry of ``DIALECTS`` and touches nothing else. What an entry says comes from
the provider's own pages or from the sources of open servers; where those are silent the entry is
silent, because a field or a command too few costs less than a session that is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qs

from satellite.conversation import commands
from satellite.core.errors import SettingsError
from satellite.core.hosts import OPENAI_HOST
from satellite.realtime.config import AUTO, KEY_PLACES, LinkConfig
from satellite.realtime.dialect import (
    BETA_FIELDS,
    HOUR_S,
    Dialect,
    public_address,
    split_address,
)
from satellite.realtime.response_settings import RESPONSE_FIELDS

GA = Dialect(
    "ga",
    hosts=(OPENAI_HOST, f".{OPENAI_HOST}"),
    voice="marin",
    transcription_model="gpt-transcribe",
    response_fields=RESPONSE_FIELDS,
    mcp=True,
    images=True,
    echoes_metadata=True,
)
BETA = Dialect(
    "beta",
    shape="beta",
    beta_header=True,
    response_fields=BETA_FIELDS,
    echoes_metadata=True,
)
AZURE = Dialect(
    "azure",
    hosts=(".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"),
    path="/openai/v1/realtime",
    key_header="api-key",
    voice="marin",
    response_fields=RESPONSE_FIELDS,
    mcp=True,
    images=True,
    echoes_metadata=True,
    session_cap_s=HOUR_S // 2,
)
AZURE_PREVIEW = Dialect(
    "azure-preview",
    hosts=AZURE.hosts,
    shape="beta",
    path="/openai/realtime",
    model_query="deployment",
    query=(("api-version", "2025-04-01-preview"),),
    key_header="api-key",
    voice="marin",
    response_fields=frozenset({"max_output_tokens", "tool_choice"}),
    echoes_metadata=True,
    session_cap_s=HOUR_S // 2,
)
LOCALAI = Dialect("localai", session_cap_s=24 * HOUR_S, created_timeout_s=300.0)
SPEACHES = Dialect(
    "speaches",
    shape="beta",
    omit=frozenset({"input_audio_format", "output_audio_format", "prefix_padding_ms"}),
    unsupported=(commands.CancelResponse, commands.TruncateItem),
    session_cap_s=HOUR_S // 2,
    created_timeout_s=60.0,
)
HUGGING_FACE = Dialect(
    "huggingface",
    session_cap_s=24 * HOUR_S,
    created_timeout_s=120.0,
    updated_timeout_s=1.0,  # it never confirms
)
XAI = Dialect(
    "xai",
    hosts=("api.x.ai",),
    shape="mixed",
    response_fields=frozenset({"speed"}),
    mcp=True,
    unsupported=(commands.TruncateItem,),
    session_cap_s=HOUR_S // 2,
)
QWEN = Dialect(
    "qwen",
    hosts=("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", ".maas.aliyuncs.com"),
    shape="beta",
    path="/api-ws/v1/realtime",
    pcm_in_hz=16_000,
    pcm_in_name="pcm",
    pcm_out_name="pcm",
    nested_tools=True,
    omit=frozenset({"input_audio_noise_reduction"}),
    unsupported=(commands.TruncateItem,),
    session_cap_s=2 * HOUR_S,
)
STEPFUN = Dialect(
    "stepfun",
    hosts=("api.stepfun.com", "api.stepfun.ai"),
    shape="beta",
    session_cap_s=HOUR_S // 2,
)
GLM = Dialect(
    "glm",
    hosts=("open.bigmodel.cn",),
    shape="beta",
    path="/api/paas/v4/realtime",
    pcm_in_name="pcm24",
    pcm_out_name="pcm",
    unsupported=(commands.TruncateItem,),
    update_repeats=("turn_detection",),
)
INWORLD = Dialect(
    "inworld",
    hosts=("api.inworld.ai",),
    path="/api/v1/realtime/session",
    key_header="basic",
)

KEY_HEADERS = frozenset({"authorization", "api-key"})
"""Headers that carry a key."""
DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        GA,
        BETA,
        AZURE,
        AZURE_PREVIEW,
        LOCALAI,
        SPEACHES,
        HUGGING_FACE,
        XAI,
        QWEN,
        STEPFUN,
        GLM,
        INWORLD,
    )
}


def cloud_dialect(address: SplitResult) -> Dialect | None:
    """The dialect of the known cloud at an address; ``None`` for any other server.

    Of several dialects at one host it is the one whose own query parameters or path the address
    has, else the first.
    """
    host = address.hostname or ""
    found = [dialect for dialect in DIALECTS.values() if dialect.is_at(host)]
    given = parse_qs(address.query, keep_blank_values=True)
    path = address.path.rstrip("/")
    by_query = [one for one in found if any(name in given for name, _ in one.query)]
    by_path = [one for one in found if path.endswith(one.path)]
    return next(iter(by_query + by_path + found), None)


def has_key(config: LinkConfig) -> bool:
    """Whether there is a key, a place that it comes from, or a header in its place."""
    if config.api_key.strip() or config.key_command or config.key_file:
        return True
    return any(name.lower() in KEY_HEADERS for name in config.headers)


def dialect_for(config: LinkConfig) -> Dialect:
    """The dialect that the settings name, or the one that the address implies.

    An unknown address is taken for GA: every new server begins with that. Raises ``SettingsError``
    for an unknown name, for an address that is none, and for a known cloud without a key.
    """
    cloud = cloud_dialect(split_address(config.url))
    if config.dialect in AUTO:
        dialect = cloud or GA
    elif config.dialect in DIALECTS:
        dialect = DIALECTS[config.dialect]
    else:
        raise SettingsError(
            f"There is no Realtime dialect {config.dialect!r}.",
            do=f"Set realtime.dialect to auto or one of: {', '.join(DIALECTS)}.",
        )
    if cloud is not None and not has_key(config):
        raise SettingsError(
            f"{public_address(config.url)} needs an API key and none is set.",
            do=f'{KEY_PLACES}; with realtime.url = "offline" no key is needed.',
        )
    return dialect
