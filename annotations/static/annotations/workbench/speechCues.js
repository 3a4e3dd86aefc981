// @ts-check
/** Words that tell what is reported as said, in the languages in which we have seen articles. */

/**
 * A pattern for words or phrases as a whole; marks on their letters may be written or not, as in Arabic.
 *
 * @param {string} list
 * @param {{ before?: string, after?: string }} [around]
 */
function createPattern(list, { before = "(?<![\\p{L}\\p{M}])", after = "(?![\\p{L}\\p{M}])" } = {}) {
  const words = list.trim().split(/\s+/).map((word) => Array.from(word.replaceAll("_", " "), (letter) => (/\p{Script=Arabic}/u.test(letter) ? `${letter}\\p{M}*` : letter)).join(""));
  return new RegExp(`${before}(?:${words.join("|")})${after}`, "giu");
}

/** Verbs of saying; a clause follows them, or stands before them. */
export const SAYING = createPattern(`
  said says say saying told tells added adds argued argues claimed claims stated states noted notes insisted insists
  warned warns stressed stresses explained explains announced announces confirmed confirms admitted admits
  declared declares replied replies believes believed thinks thought predicted predicts estimated estimates
  sagte sagten sagt sagen erklärte erklärten erklärt betonte betont meinte meint warnte warnt behauptete behauptet
  kündigte kündigt teilte ergänzte fügte äußerte bestätigte bestätigt glaubt
  dit disait déclare déclaré affirme affirmé estime estimé explique expliqué annonce annoncé ajoute ajouté assure assuré
  dijo dice dijeron afirmó afirma declaró declara aseguró asegura explicó explica señaló anunció agregó añadió advirtió
  disse dice ha_detto afferma dichiara ha_dichiarato spiega sostiene aggiunge
  сказал сказала сказали говорит заявил заявила заявили сообщил сообщила сообщили считает отметил отметила добавил добавила подчеркнул подчеркнула
`);

/** Verbs and phrases whose object is the claim itself. */
export const DEMANDING = createPattern(`
  demanded demands demanding urged urges called_for calls_for rejected rejects denied denies promised promises vowed vows
  threatened threatens proposed proposes suggested suggests pledged pledges warned_of warns_of opposes opposed
  fordert forderte fordern forderten verlangt verlangte ruft_auf dementierte dementiert versprach verspricht
  exige exigé réclame réclamé demande demandé exigió exige pidió pide chiede ha_chiesto pretende
  требует потребовал потребовала призвал призвала отверг отвергла
  طالب طالبت يطالب تطالب دعا دعت رفض رفضت
`);

/** What a reported clause begins with. */
export const THAT = createPattern("that dass daß que qu’il qu’elle qu’ils qu’elles che что чтобы");

/** Verbs of saying in Arabic, and the particle before their clause, which a pronoun may be written to. */
export const ARABIC_SAYING = createPattern(
  `قال قالت قالوا يقول تقول أكد أكدت يؤكد تؤكد صرح صرحت أعلن أعلنت أضاف أضافت ذكر ذكرت أوضح أوضحت أشار أشارت اعتبر اعتبرت زعم زعمت حذر حذرت`,
  { before: "(?<![\\p{L}\\p{M}])[وف]?" },
);
export const ARABIC_THAT = createPattern("إن أن بأن", { after: "(?<suffix>\\p{L}\\p{M}*)*(?![\\p{L}\\p{M}])" });

/** Whose words they are, before or after the clause. */
export const ACCORDING = createPattern(`
  according_to in_the_view_of in_the_words_of laut nach_angaben nach_ansicht nach_meinung nach_worten
  selon d’après según secondo по_словам по_мнению согласно بحسب حسب وفقا
`);
/** The same, written after whose words they are. */
export const ACCORDING_AFTER = createPattern("zufolge");

/** Chinese and Japanese write no blanks, so that nothing ends a word. */
const INSIDE = { before: "", after: "" };
export const HAN_SAYING = createPattern("表示 指出 认为 認為 强调 強調 宣布 警告 声称 聲稱 坦言 透露 说 說 称(?=[，：]) 稱(?=[，：]) 道(?=[，：])", INSIDE);
export const HAN_DEMANDING = createPattern("要求 呼吁 呼籲 敦促 拒绝 拒絕 反对 反對", INSIDE);
export const HAN_ACCORDING = createPattern("据 據 根据 根據", { before: "^", after: "" });
export const JAPANESE_SAYING = createPattern("と述べた と語った と話した と述べ と主張した と発表した と言った", INSIDE);

/** Pronouns after which a clause may begin without a comma: “According to him the roof …”. */
export const PRONOUN = /^\s+(?:him|her|them|it|us|me|you|ihm|ihr|ihnen|lui|elle|eux|él|ella|него|неё|нее|него|них)\s+/iu;
/** With these a part between commas is about somebody, and no parenthesis of the speaker. */
export const RELATIVE = /^\s*(?:who|whom|whose|which|that|der|die|das|dem|den|qui|que|dont|quien|cui|который|которая|которые)(?![\p{L}\p{M}])/iu;
