"""The servers that a satellite can talk to, as data.

A new provider is one entry here. What an entry says comes from the provider's own pages or from
the sources of open servers; where those are silent the entry is silent, because a field or a
command too few costs less than a session that is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from satellite.conversation import commands
from satellite.core.errors import SettingsError
from satellite.core.hosts import AZURE_HOSTS, OPENAI_HOST
from satellite.realtime.config import AUTO, KEY_PLACES, LinkConfig
from satellite.realtime.dialect import HOUR_S, Dialect, public_address, split_address

GA = Dialect("ga", echoes_metadata=True)
BETA = Dialect("beta", shape="beta", beta_header=True, echoes_metadata=True)
AZURE = Dialect(
    "azure",
    path="/openai/v1/realtime",
    key_header="api-key",
    echoes_metadata=True,
    session_cap_s=HOUR_S // 2,
)
AZURE_PREVIEW = Dialect(
    "azure-preview",
    shape="beta",
    path="/openai/realtime",
    model_query="deployment",
    query=(("api-version", "2025-04-01-preview"),),
    key_header="api-key",
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
    shape="mixed",
    unsupported=(commands.TruncateItem,),
    session_cap_s=HOUR_S // 2,
)
QWEN = Dialect(
    "qwen",
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
STEPFUN = Dialect("stepfun", shape="beta", session_cap_s=HOUR_S // 2)
GLM = Dialect(
    "glm",
    shape="beta",
    path="/api/paas/v4/realtime",
    pcm_in_name="pcm24",
    pcm_out_name="pcm",
    unsupported=(commands.TruncateItem,),
    update_repeats=("turn_detection",),
)
INWORLD = Dialect("inworld", path="/api/v1/realtime/session", key_header="basic")

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

_HOSTS: tuple[tuple[str, Dialect], ...] = (
    (OPENAI_HOST, GA),
    (f".{OPENAI_HOST}", GA),
    *((host, AZURE) for host in AZURE_HOSTS),
    ("api.x.ai", XAI),
    ("dashscope.aliyuncs.com", QWEN),
    ("dashscope-intl.aliyuncs.com", QWEN),
    (".maas.aliyuncs.com", QWEN),
    ("api.stepfun.com", STEPFUN),
    ("api.stepfun.ai", STEPFUN),
    ("open.bigmodel.cn", GLM),
    ("api.inworld.ai", INWORLD),
)


def detect(url: str) -> tuple[Dialect, bool]:
    """The dialect that an address speaks, and whether its owner is a known cloud.

    Any address that is not known is taken for GA: every new server begins with that.
    """
    parts = split_address(url)
    host = (parts.hostname or "").lower()
    for pattern, dialect in _HOSTS:
        if host == pattern or (pattern.startswith(".") and host.endswith(pattern)):
            preview = "api-version=" in parts.query or parts.path.rstrip("/").endswith(
                "/openai/realtime"
            )
            return (AZURE_PREVIEW if dialect is AZURE and preview else dialect), True
    return GA, False


def dialect_for(config: LinkConfig) -> Dialect:
    """The dialect that the settings name, or the one that the address implies.

    Raises ``SettingsError`` for an unknown name, for an address that is none, and for a known
    cloud without a key: it would only refuse.
    """
    detected, cloud = detect(config.url)
    if config.dialect in AUTO:
        dialect = detected
    elif config.dialect in DIALECTS:
        dialect = DIALECTS[config.dialect]
    else:
        raise SettingsError(
            f"There is no Realtime dialect {config.dialect!r}.",
            do=f"Set realtime.dialect to auto or one of: {', '.join(DIALECTS)}.",
        )
    if cloud and not config.api_key.strip():
        raise SettingsError(
            f"{public_address(config.url)} needs an API key and none is set.",
            do=f'{KEY_PLACES}; with realtime.url = "offline" no key is needed.',
        )
    return dialect
