"""Words by which people agree and refuse, by language. Data only.

Written without case and accents, as ``fold`` leaves them. A refusal counts wherever it stands in an
answer, so its lists hold every word that turns a yes around ("not", "later"). All languages are
used together: people of several live in one home.
"""

from __future__ import annotations

from collections.abc import Mapping

from satellite.homeassistant.values import listed

AGREEMENT: Mapping[str, str] = {
    "en": "yes|yeah|yep|yup|yea|aye|ok|okay|sure|right|correct|exactly|absolutely|definitely"
    "|certainly|of course|affirmative|indeed|fine|go ahead|go on|do it|do that|do so|please do"
    "|confirm|confirmed|i confirm|agreed",
    "de": "ja|jawohl|jap|jo|klar|sicher|genau|richtig|gerne|gern|natürlich|selbstverständlich"
    "|mach das|mach es|machs|tu es|tu das|bestätige|bestätigt|einverstanden|okay|ok|in ordnung"
    "|auf jeden fall|unbedingt",
    "fr": "oui|ouais|d accord|bien sûr|vas y|allez y|exactement|certainement|absolument|volontiers"
    "|je confirme|confirme|fais le|faites le|ok",
    "es": "sí|claro|por supuesto|vale|de acuerdo|adelante|hazlo|correcto|exacto|confirmo|ok",
    "it": "sì|certo|certamente|va bene|d accordo|esatto|giusto|fallo|procedi|confermo|ok",
    "pt": "sim|claro|com certeza|certo|pode|pode ser|isso|faça isso|faz isso|exato|confirmo|ok",
    "nl": "ja|jazeker|zeker|goed|prima|oké|doe maar|klopt|natuurlijk|graag|bevestigd|akkoord|ok",
    "sv": "ja|japp|jo|jodå|visst|absolut|okej|gör det|precis|självklart|gärna|ok",
    "da": "ja|jo|jep|okay|gør det|selvfølgelig|præcis|gerne|bestemt|ok",
    "nb": "ja|jo|japp|ok|okei|gjør det|selvfølgelig|nettopp|gjerne|sikkert",
    "fi": "kyllä|joo|juu|jep|selvä|totta kai|tietenkin|tee se|okei|ok",
    "pl": "tak|dobrze|jasne|oczywiście|pewnie|zgoda|zrób to|potwierdzam|ok",
    "cs": "ano|jo|jasně|dobře|určitě|samozřejmě|udělej to|potvrzuji|ok",
    "sk": "áno|jasné|dobre|určite|samozrejme|urob to|potvrdzujem|ok",
    "sl": "ja|da|seveda|dobro|potrjujem|ok",
    "hr": "da|naravno|može|dobro|u redu|potvrđujem|ok",
    "hu": "igen|persze|jó|rendben|oké|csináld|megerősítem|ok",
    "ro": "da|sigur|bine|desigur|confirm|fă o|ok",
    "bg": "да|добре|разбира се|потвърждавам|окей|ок",
    "ru": "да|ага|конечно|хорошо|ладно|давай|подтверждаю|точно|верно|окей|ок",
    "uk": "так|ага|звичайно|добре|гаразд|давай|підтверджую|окей|ок",
    "el": "ναι|βέβαια|φυσικά|εντάξει|σίγουρα|κάν το|οκ",
    "tr": "evet|tamam|olur|tabii|tabi|elbette|peki|onaylıyorum|yap",
    "et": "jah|jaa|muidugi|olgu|tee seda|okei",
    "lv": "jā|labi|protams|dari to|apstiprinu",
    "lt": "taip|gerai|žinoma|patvirtinu|daryk",
    "ca": "sí|és clar|d acord|endavant|fes ho|confirmo|ok",
    "id": "ya|iya|oke|tentu|silakan|lakukan|setuju|benar|baik",
    "vi": "vâng|có|đồng ý|được|làm đi|ừ|dạ",
    "he": "כן|בטח|בסדר|אוקיי|בוודאי|נכון|תעשה את זה|מאשר",
    "ar": "نعم|أجل|أيوه|ايوا|بالتأكيد|طبعا|حسنا|موافق|تمام|أؤكد",
    "hi": "हाँ|हां|जी|जी हाँ|ठीक है|बिल्कुल|ज़रूर|कर दो",
    "ja": "はい|うん|お願いします|おねがいします|いいよ|オーケー|そうです|もちろん",
    "ko": "네|예|응|그래|좋아|맞아|해 줘|해줘|부탁해|확인",
    "th": "ใช่|ค่ะ|ครับ|ตกลง|ได้ค่ะ|ได้ครับ|แน่นอน|โอเค",
    "zh": "是的|是|对|好|好的|可以|行|确定|确认|嗯|當然|当然|對|確定|確認",
}

REFUSAL: Mapping[str, str] = {
    "en": "no|nope|nah|not|never|none|don t|dont|do not|won t|can t|cannot|shouldn t|wouldn t"
    "|stop|cancel|abort|wait|hold on|later|forget it|leave it|negative|nevermind|never mind"
    "|rather not|instead",
    "de": "nein|nee|nö|nicht|niemals|nie|keinesfalls|auf keinen fall|stopp|halt|warte|abbrechen"
    "|brich ab|lass das|lass es|später|doch nicht|kein|keine|vergiss es|lieber nicht",
    "fr": "non|nan|pas|jamais|arrête|arrêtez|annule|annulez|attends|attendez|plus tard|laisse"
    "|surtout pas",
    "es": "no|nunca|jamás|cancela|cancelar|espera|para|más tarde|luego|déjalo|tampoco",
    "it": "no|non|mai|annulla|aspetta|ferma|fermati|più tardi|dopo|lascia stare|lascia perdere",
    "pt": "não|nao|nunca|jamais|cancela|cancelar|espera|pare|para|depois|mais tarde|deixa",
    "nl": "nee|neen|niet|nooit|stop|wacht|annuleer|later|laat maar|geen",
    "sv": "nej|inte|aldrig|stopp|vänta|avbryt|senare|låt bli|strunta i",
    "da": "nej|ikke|aldrig|stop|vent|annuller|senere|lad være|drop det",
    "nb": "nei|ikke|aldri|stopp|vent|avbryt|senere|la være|dropp det",
    "fi": "ei|älä|ei koskaan|seis|odota|peru|peruuta|myöhemmin",
    "pl": "nie|nigdy|stop|czekaj|poczekaj|anuluj|później|zostaw",
    "cs": "ne|nikdy|stop|počkej|zruš|později|nech to|nedělej",
    "sk": "nie|nikdy|stop|počkaj|zruš|neskôr|nechaj|nerob",
    "sl": "ne|nikoli|stoj|počakaj|prekliči|kasneje|pusti",
    "hr": "ne|nikad|nemoj|stani|čekaj|odustani|kasnije|pusti",
    "hu": "nem|ne|soha|állj|várj|mégse|később|hagyd",
    "ro": "nu|niciodată|stop|așteaptă|anulează|mai târziu|lasă",
    "bg": "не|никога|недей|спри|чакай|отмени|по късно|остави",
    "ru": "нет|не|никогда|стоп|стой|подожди|отмена|отмени|позже|потом|не надо",
    "uk": "ні|не|ніколи|стоп|стій|зачекай|скасуй|пізніше|потім|не треба",
    "el": "όχι|μην|μη|δεν|ποτέ|σταμάτα|περίμενε|άκυρο|αργότερα|άσε",
    "tr": "hayır|yok|olmaz|değil|asla|dur|bekle|iptal|sonra|yapma|boş ver|istemiyorum",
    "et": "ei|ära|mitte|kunagi|peatu|oota|tühista|hiljem",
    "lv": "nē|ne|nekad|stop|pagaidi|atcel|vēlāk",
    "lt": "ne|niekada|sustok|palauk|atšauk|vėliau",
    "ca": "no|mai|cap|atura|espera|cancel la|més tard|deixa ho",
    "id": "tidak|nggak|enggak|gak|jangan|bukan|belum|berhenti|tunggu|batal|batalkan|nanti",
    "vi": "không|đừng|chưa|dừng|chờ|hủy|huỷ|thôi|để sau",
    "he": "לא|אל|אף פעם|עצור|חכה|בטל|אחר כך|עזוב",
    "ar": "لا|كلا|ليس|أبدا|توقف|انتظر|إلغاء|الغ|لاحقا|بعدين|مش|ما",
    "hi": "नहीं|नही|मत|ना|कभी नहीं|रुको|रुकिए|रद्द|बाद में|रहने दो",
    "ja": "いいえ|いや|だめ|ダメ|やめ|しない|ない|待って|まって|キャンセル|後で|あとで|不要|違",
    "ko": "아니|안 돼|안돼|안 해|하지 마|하지마|싫어|말아|마세요|취소|멈춰|기다려|잠깐|나중에",
    "th": "ไม่|อย่า|หยุด|รอ|ยกเลิก|ทีหลัง|เดี๋ยว",
    "zh": "不|别|別|没|沒|勿|否|取消|算了|等一下|等等|等会|以后|待会|停",
}

CONDITION = frozenset(
    listed("""if unless until when once before after tomorrow tonight minute minutes hour hours
    wenn falls sobald bevor bis erst morgen minuten stunde stunden quand lorsque demain heure heures
    cuando mañana minuto minutos hora horas quando domani minuti amanhã wanneer zodra minuut uur när
    imorgon minuter timme når imorgen minutter huomenna minuutin jeśli kiedy jutro
    minut minuty godzinę až když zítra minutu amikor holnap perc dacă când mâine если когда
    завтра через минут минуты минуту якщо коли хвилин αν όταν αύριο λεπτά eğer yarın dakika אם כאשר
    מחר إذا عندما غدا अगर कल jika besok nếu khi 如果 明天 分钟 分鐘 たら 明日 分後 내일 만약""")
)
"""Words that tie a yes to something, or put it off ("yes, in ten minutes", "ja, wenn ..."): then it
is none, and is asked for again. No refusal, so nothing is closed."""

COURTESY = (
    "please", "thanks", "thank you", "bitte", "bitte sehr", "danke", "s il te plaît",
    "s il vous plaît", "merci", "por favor", "gracias", "obrigado", "obrigada", "per favore",
    "grazie", "alsjeblieft", "alstublieft", "graag", "tack", "takk", "kiitos", "proszę", "prosím",
    "děkuji", "molim", "hvala", "kérem", "köszönöm", "te rog", "vă rog", "mulțumesc", "пожалуйста",
    "спасибо", "будь ласка", "моля", "παρακαλώ", "lütfen", "tolong", "בבקשה", "من فضلك", "कृपया",
)  # fmt: skip
"""What may stand behind a yes at the end of an answer."""

UNSPACED = frozenset({"ja", "th", "zh"})
"""Languages that put no blanks between words. A refusal is looked for anywhere, and an agreement
has to begin what stands between two marks, alone or with one of the particles where it is short."""
PARTICLES = frozenset({"", "啊", "吧", "呀", "的", "了", "啦", "ครับ", "ค่ะ"})

ONLY_WHERE_SPOKEN = frozenset({"co", "da", "nu", "para", "u", "ya"})
"""Words that count only where ``satellite.language`` is theirs, for elsewhere they are said all
day: a German "da" points at something, a Czech "co" asks what."""

WEAK = frozenset(
    listed(
        "baik bien bine bon certo claro correct dobre dobro dobrze fine gerai goed indeed klar "
        "labi ok okay oke okei okej pode right sure tamam vale"
    )
)
"""Words that also begin or end what is no answer ("okay, turn on the lamp", "the lamp on the
right"): they count in an answer of a few words."""

HESITATION = frozenset(
    listed("ach ah also ahm eh ehm em er erm euh hm hmm mm na naja oh so uh uhm um well")
)
"""What may stand in front of a yes."""

HARMLESS: Mapping[str, frozenset[str]] = {
    code: frozenset({"no"}) for code in ("cs", "pl", "pt", "sk")
}
"""Refusals of other languages that are none where this one is spoken ("in the", "well")."""
