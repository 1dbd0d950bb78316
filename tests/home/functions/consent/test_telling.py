"""What names tell in the languages of the world, and what they do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pytest

House: TypeAlias = Any
"""The class of conftest, or one of its houses."""

ASKS = "confirmation_required"

# Language -> what must not move by mistake, and what stands beside it and may.
GUARDED = {
    "en": "Front door|Driveway gate|Garage|Garage opener|Boom barrier|Electric strike|Water main"
    "|Main water shut off valve|Gas valve|House alarm|Outdoor siren|Roller door",
    "de": "Haustüröffner|Haustuer|Schiebetor|Hoftor|Einfahrtstor|Garagentor links|Tor|Schranke"
    "|Türschloss|Hauptwasserhahn|Gasventil|Alarmanlage|Außensirene|Garage|Kellertür|Pforte",
    "nl": "Voordeur|Schuifpoort|Garagedeur|Hek|Tuinpoort|Slot voordeur|Waterkraan|Inbraakalarm"
    "|Garage|Slagboom",
    "fr": "Porte d'entrée|Portail|Portillon|Porte de garage|Garage|Serrure|Électrovanne|Alarme"
    "|Sirène|Vanne d'eau|Barrière",
    "es": "Puerta principal|Portón|Cochera|Garaje|Cerradura|Electroválvula|Alarma|Sirena|Verja"
    "|Llave de paso",
    "pt": "Portão|Porta da frente|Garagem|Fechadura|Eletroválvula|Alarme|Sirene|Torneira jardim",
    "it": "Porta d'ingresso|Cancello|Cancelletto|Garage|Serratura|Elettrovalvola|Antifurto|Sirena",
    "ca": "Porta principal|Garatge|Pany|Electrovàlvula",
    "ro": "Ușa de la intrare|Poarta|Garaj|Yală|Electrovalvă|Alarmă|Poartă auto",
    "pl": "Brama wjazdowa|Brama garażowa|Furtka|Drzwi wejściowe|Garaż|Zamek|Elektrozawór|Alarm"
    "|Syrena|Szlaban",
    "cs": "Brána|Vrata do garáže|Vchodové dveře|Garáž|Zámek|Ventil vody|Siréna|Branka",
    "sk": "Brána|Vchodové dvere|Garáž|Zámok|Siréna",
    "sl": "Vrata|Garaža|Ključavnica",
    "hr": "Vrata dvorište|Kapija|Garaža|Brava|Ulazna vrata",
    "sr": "Капија|Врата|Гаража|Брава",
    "bg": "Врата|Порта|Гараж|Ключалка|Входна врата",
    "ru": "Ворота|Калитка|Входная дверь|Гараж|Гаражные ворота|Замок|Клапан воды|Кран воды"
    "|Сигнализация|Сирена|Домофон|Шлагбаум|Открыть ворота|Двери",
    "uk": "Ворота|Хвіртка|Вхідні двері|Гараж|Замок|Сигналізація",
    "lt": "Vartai|Durys|Garažas|Spyna",
    "lv": "Vārti|Ārdurvis|Garāža|Slēdzene",
    "et": "Värav|Välisuks|Garaaž|Lukk",
    "fi": "Ulko-ovi|Portti|Autotalli|Autotallin ovi|Lukko|Venttiili|Sireeni|Etuovi",
    "hu": "Kapu|Kapunyitó|Bejárati ajtó|Garázs|Garázskapu|Riasztó|Szelep|Sorompó",
    "sv": "Grind|Ytterdörr|Garageport|Garage|Lås|Låset ytterdörr|Infartsgrind|Vattenventil",
    "nb": "Ytterdør|Inngangsdør|Garasjeport|Garasje|Dørlås|Port|Stoppekran",
    "da": "Hoveddør|Garageport|Havelåge|Lågen|Dørlås",
    "is": "Útidyr|Hlið|Bílskúr",
    "el": "Πόρτα|Γκαραζόπορτα|Αυλόπορτα|Γκαράζ|Κλειδαριά|Συναγερμός|Εξώπορτα",
    "tr": "Kapı|Bahçe kapısı|Garaj kapısı|Garaj|Kilit|Su vanası|Siren|Bariyer",
    "sq": "Dera|Porta",
    "ar": "باب|البوابة|باب الكراج|قفل|صمام الماء|كراج",
    "fa": "درب|دروازه|قفل|درب پارکینگ",
    "he": "שער|דלת כניסה|מנעול|אזעקה|ברז",
    "hi": "दरवाज़ा|गेट|ताला|गैराज",
    "bn": "দরজা|গেট",
    "hy": "Դուռ|Դարպաս",
    "ka": "კარი|ჭიშკარი|საკეტი",
    "zh": "大门|車庫門|车库|门锁|阀门|水阀|入户门|院门|门禁|警报|布防",
    "ja": "玄関ドア|玄関の鍵|ガレージ|門扉|ゲート|バルブ|サイレン",
    "ko": "현관문|대문|차고|차고문|도어락|밸브|사이렌|게이트",
    "th": "ประตู|ประตูรั้ว|โรงรถ|วาล์ว",
    "vi": "Cổng|Cửa chính|Cửa cuốn|Khóa cửa|Gara|Van nước",
    "id": "Pintu depan|Pagar|Gerbang|Garasi|Kunci|Katup air",
}
FREE = {
    "en": "Door lamp|Doorbell|Motor|Monitor|Computer|Ventilator|Tortilla maker|Porto|Tour|Report"
    "|Storage|Transport|Sport|Radiator valve|Garage socket|Garage freezer|Child lock|Garage fan"
    "|Garage light|Alarm clock|USB port|Gateway LED|Blinds|Investigate|Key light|Harmony"
    "|Gate lamp|Tractor|Generator|Projector|Transistor radio|Elevator|Coffee grinder",
    "de": "Torlampe|Licht Garage|Türklingel|Gartenbeleuchtung|Garage Steckdose|Motor|Ventilator"
    "|Kühlschrank Tür Heizung|Toaster|Torte|Aktor|Bewegungsdetektor|Kontor|Heizkörperventil"
    "|Türkis Ambiente|Storch|Wecker Alarm|Kindersicherung|Garagenlampe|Traktor",
    "nl": "Deurbel|Garage lamp|Poortverlichting|Kleur|Motor|Kinderslot|Klokje",
    "fr": "Lumière porte|Lampe du garage|Sonnette|Prise garage|Chaleur|Ordinateur|Odeur"
    "|Ventilateur",
    "es": "Luz puerta|Timbre|Enchufe garaje|Ventilador|Ordenador|Portátil",
    "pt": "Luz do portão|Campainha|Computador|Tomada garagem|Esporte",
    "it": "Luce cancello|Campanello porta|Presa garage|Motore acquario|Portatile",
    "ro": "Lumină poartă|Priză garaj|Sonerie",
    "pl": "Światło brama|Lampa garaż|Dzwonek do drzwi|Gniazdko garaż|Wentylator|Kran LED|Obraz",
    "cs": "Světlo brána|Zvonek dveře|Zásuvka garáž",
    "hr": "Svjetlo vrata|Zvono vrata|Utičnica garaža",
    "ru": "Свет у ворот|Подсветка двери|Лампа гараж|Розетка гараж|Звонок|Вентилятор|Экран"
    "|Поворот|Воротник|Чайник|LED-лента|TV-приставка|Вентиляция|Светильник входная дверь",
    "uk": "Світло ворота|Лампа гараж|Вентилятор",
    "fi": "Oven valo|Ovikello|Autotallin valo|Uuni|Jääkaapin ovi valo",
    "hu": "Kapu lámpa|Csengő|Garázs világítás|Kávéfőző",
    "sv": "Grindbelysning|Dörrklocka|Garage lampa|Motorvärmare|Kontor|Stor lampa|Transport",
    "nb": "Dør lys|Garasje lampe|Kontor|Stikkontakt garasje",
    "da": "Lampe garage|Kontor",
    "el": "Φως πόρτας|Κουδούνι|Led-ταινία|Πρίζα γκαράζ",
    "tr": "Kapı lambası|Garaj ışığı|Priz|Kapı zili",
    "ar": "ضوء الباب|جرس الباب",
    "he": "אור שער|פעמון",
    "zh": "门灯|车库灯|门铃|门磁|厦门风扇|冰箱门加热|热门音乐|门口插座|车库风扇",
    "ja": "玄関の照明|ドアチャイム|ガレージライト|ブロック|クロック",
    "ko": "현관등|초인종|차고 조명|창문 팬|문자",
    "th": "ไฟประตู|กริ่ง",
    "vi": "Công tắc|Đèn cổng|Quạt|Cửa sổ|Chuông cửa",
    "id": "Lampu pagar|Bel pintu",
}


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(tongue, name) for tongue, names in table.items() for name in names.split("|")]


@pytest.mark.parametrize(("tongue", "name"), pairs(GUARDED))
def test_it_asks_in_every_language(house: House, tongue: str, name: str) -> None:
    for shown in (name, name.upper() if tongue not in ("tr", "el") else name, f"{name} 2"):
        h = house()
        h.announce("switch", shown, uid="u", command_topic="x/1/set", optimistic=True)
        assert h.ask("set_power", devices=[shown], state="on")["status"] == ASKS, shown
        assert not h.published


@pytest.mark.parametrize(("tongue", "name"), pairs(FREE))
def test_it_asks_for_nothing_that_only_sounds_alike(house: House, tongue: str, name: str) -> None:
    h = house()
    h.announce("switch", name, uid="u", command_topic="x/1/set", optimistic=True)
    assert h.ask("set_power", devices=[name], state="on")["status"] == "sent"


# Covers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Schiebetor", "Brama garażowa", "Гараж", "Portão", "Входная дверь", "Kapu", "車庫"]
)
def test_a_cover_without_a_class_is_judged_by_its_name(house: House, name: str) -> None:
    h = house()
    h.announce("cover", name, uid="u", command_topic="x/1/set")
    assert h.ask("set_cover", devices=[name], action="open")["status"] == ASKS


@pytest.mark.parametrize("name", ["Brama garażowa", "Garagentor", "Гаражные ворота", "车库门"])
def test_a_garage_door_asks_whatever_its_class_says(house: House, name: str) -> None:
    h = house()
    h.announce("cover", name, uid="u", command_topic="x/1/set", device_class="shutter")
    assert h.ask("set_cover", devices=[name], action="open")["status"] == ASKS


@pytest.mark.parametrize(
    "name",
    ["Rollladen Terrassentür", "Шторы балконная дверь", "Volet porte-fenêtre", "Blind", "窗帘"],
)
def test_what_hangs_before_a_door_is_no_door(house: House, name: str) -> None:
    h = house()
    h.announce("cover", name, uid="u", command_topic="x/1/set")
    assert h.ask("set_cover", devices=[name], action="open")["status"] != ASKS


# Hints ------------------------------------------------------------------------------------------


def ask_for(
    house: House, name: str, known: Mapping[str, object] | None = None, platform: str = "switch"
) -> str:
    """What a command is answered of one thing of a device with a number for its name."""
    h = house()
    known = dict(known or {})
    model = {"model": known.pop("model")} if "model" in known else {}
    block = {"identifiers": ["d"], "name": "Box 3", **model}
    config = {"unique_id": "u", "name": name, "device": block, "command_topic": "x/1/set", **known}
    h.tell(f"homeassistant/{platform}/u/config", config, retained=True)
    function = {"button": "press_button", "light": "set_power"}.get(platform, "set_power")
    arguments = {} if platform == "button" else {"state": "on"}
    return str(h.ask(function, devices=[f"Box 3 {name}"], **arguments)["status"])


@pytest.mark.parametrize(
    "known",
    [
        {"model": "Zigbee smart water valve with flow meter and temperature sensor"},
        {"model": "Garage door opener"},
        {"model": "Elektroschloss"},
        {"icon": "mdi:gate"},
        {"icon": "mdi:garage-open"},
        {"icon": "mdi:lock"},
        {"icon": "mdi:pipe-valve"},
        {"command_topic": "cmnd/gate/POWER1"},
        {"command_topic": "shellies/garage-door/relay/0/command"},
        {"command_topic": "house/Schiebetor/set"},
        {"command_topic": "esp/cmd", "payload_on": "OPEN_GATE"},
    ],
)
def test_what_else_is_known_of_a_device_tells_too(house: House, known: dict[str, object]) -> None:
    assert ask_for(house, "Relay", known) == ASKS


@pytest.mark.parametrize(
    "known",
    [
        {"model": "Thermostatic radiator valve"},
        {"model": "2 gang switch and touch panel with backlight and child lock"},
        {"model": "Door and window sensor"},
        {"model": "Smart smoke alarm"},
        {"icon": "mdi:alarm"},
        {"icon": "mdi:lightbulb"},
        {"command_topic": "zigbee2mqtt/0x00158d0001/set"},
        {"command_topic": "gate/pump/set"},
    ],
)
def test_hints_of_something_else_tell_nothing(house: House, known: dict[str, object]) -> None:
    assert ask_for(house, "Relay", known) == "sent"


def test_a_hint_counts_where_the_name_says_nothing(house: House) -> None:
    gate = {"command_topic": "cmnd/gate/POWER2"}
    assert ask_for(house, "Light", gate) == "sent"
    assert ask_for(house, "Relay", gate, "light") == "sent"
    assert ask_for(house, "Relay", gate) == ASKS


# Upkeep -----------------------------------------------------------------------------------------


UPKEEP = {
    "": "Permit join|Zigbee bridge enable join|Pair new luminaire|Start pairing|Bind|Restart"
    "|Neustart|Werkseinstellungen|Redémarrer|Réinitialiser|Reiniciar|Riavvia|Перезагрузка|Сброс"
    "|Сопряжение|Anlernmodus|重启|恢复出厂设置|配对|再起動|ペアリング|재시작|Parowanie|Újraindítás"
    "|Yeniden başlat|Factory reset|Firmware update|Herstarten|Uudelleenkäynnistys|Starta om"
    "|Genstart|איפוס"
}


@pytest.mark.parametrize("name", [name for _, name in pairs(UPKEEP)])
@pytest.mark.parametrize("platform", ["switch", "button"])
def test_upkeep_asks_in_every_language(house: House, platform: str, name: str) -> None:
    assert ask_for(house, name, platform=platform) == ASKS


@pytest.mark.parametrize(
    "known",
    [
        {"command_topic": "cmnd/zb1/ZbPermitJoin"},
        {"command_topic": "zigbee2mqtt/bridge/request/permit_join"},
        {"command_topic": "esp/restart/set"},
        {"payload_on": "factory_reset"},
        {"icon": "mdi:restart"},
    ],
)
def test_upkeep_asks_by_what_it_sends(house: House, known: dict[str, object]) -> None:
    assert ask_for(house, "Relay", known) == ASKS


@pytest.mark.parametrize("name", ["Identify", "Blind up", "Repair mode", "Brightness", "Joint"])
def test_no_upkeep(house: House, name: str) -> None:
    assert ask_for(house, name) == "sent"
    assert ask_for(house, name, platform="button") == "sent"
