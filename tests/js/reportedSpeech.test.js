import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./environment.js";

const { findReportedSpeech } = await load("reportedSpeech");
const { Segments } = await load("segments");

/** Sentences with the likeliest claim between brackets. */
const SPEECH = [
  "“[We will pay for it,]” said Ben.",
  "“[We will,” he said, “pay for it.]”",
  "The “new” roof, they added, “[will not survive the winter]”.",
  "He said that [they would pay.]",
  "[They would pay], the minister said.",
  "[They will pay.]",
  "He said [they would pay.]",
  "He said [they would pay, and left.]",
  "[The roof, she said, would not survive.]",
  "[The roof, the head of the office said on Monday, would not survive.]",
  "The minister, who said little, claimed that [the roof would hold.]",
  "According to Ben, [they will pay for the dam and for all the land below it.]",
  "According to him, [the roof would not survive.]",
  "According to her [the roof would not survive.]",
  "[The roof would not survive], according to him.",
  "[The roof, according to him, would not survive.]",
  "He demanded [the resignation of the whole board.]",
  "She called for [a new toll.]",
  "They demanded that [the board resign.]",
  "He said that [Dr. Verde would come.]",
  "Er sagte, [das Dach werde nicht halten.]",
  "Sie betonte, dass [das Dach hält.]",
  "Dem Minister zufolge [wird das Dach nicht halten.]",
  "Er forderte [den Rücktritt des Vorstands.]",
  "Selon lui, [le toit ne tiendra pas.]",
  "Il affirme que [le toit tiendra.]",
  "По словам министра, [крыша не выдержит зиму.]",
  "Он заявил, что [крыша не выдержит.]",
  "قال الوزير إن [السقف لن يصمد.]",
  "وأكّدت الوزيرة أنّ [السقف لن يصمد.]",
  "قالت الوزيرة [إنها ستدفع.]",
  "طالب الوزير باستقالة المجلس.",
  "بحسب الوزير، [السقف لن يصمد.]",
  "部长表示，[水门将在六月关闭。]",
  "他说[水门将在六月关闭。]",
  "他說：「[水門將在六月關閉]」",
  "据部长介绍，[水门将在六月关闭。]",
  "居民要求[立即关闭水门。]",
  "[水門は六月に開く]と述べた。",
];

for (const marked of SPEECH) {
  test(`q finds ${marked}`, () => {
    const sentence = marked.replace(/[[\]]/g, "");
    const start = Math.max(0, marked.indexOf("["));
    const wanted = marked.includes("[") ? [start, marked.indexOf("]") - 1] : null;
    const all = findReportedSpeech(sentence);
    const [first] = all.map(([from, to]) => [from + sentence.slice(from, to).search(/\S/), to]);
    if (wanted) assert.equal(sentence.slice(...first), sentence.slice(...wanted));
    assert.deepEqual(all.at(-1), [0, sentence.length], "the whole sentence is the last choice");
  });
}
