/** The keys that mark, connect and fit, beyond the plain ones, for the one table of keys. */

export function editingRows({ statements, mentions, commands }) {
  const digits = ["1", "2", "3", "4", "5", "6"];
  return [
    { group: "Marking", keys: ["x"], says: "Select the next sentence without a mark", run: () => statements.nextUnmarked() },
    { group: "Marking", keys: ["q"], says: "Select what the sentence reports as said; again: another part", run: () => statements.selectSaid() },
    { group: "Marking", keys: ["="], says: "Keep exactly what was selected, without moving its edges", run: () => commands.keepExact() },
    { group: "The current mark", keys: ["f"], says: "Made by, held by: the nearest actor; again: the next one", run: () => statements.connect() },
    { group: "The current mark", keys: digits, says: "Claim type, stance or kind of mention, by its place in the list", run: ({ key }) => statements.choose(Number(key)) },
    { group: "The current mark", keys: ["e"], says: "Mark all other mentions of this name", run: () => mentions.ask() },
    { group: "The current mark", keys: ["+"], says: "Add the mention to the aliases of its actor", run: () => commands.addAlias() },
  ];
}

/** What the list of marks does by itself, for the list of keys. */
export const ON_A_MARK = [
  { keys: ["Shift ←", "Shift →"], says: "Move its end by a word; with Ctrl by a character" },
  { keys: ["Alt ←", "Alt →"], says: "Move its beginning by a word; with Ctrl by a character" },
];
