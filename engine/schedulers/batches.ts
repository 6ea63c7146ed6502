/** Many questions to one cluster, a few at a time: each takes a channel of the one connection. */

const batchSize = 4;

/** As `Promise.all(items.map(ask))`, but with at most four under way. */
export async function inBatches<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < items.length; start += batchSize) {
    answers.push(...(await Promise.all(items.slice(start, start + batchSize).map(ask))));
  }
  return answers;
}
