/** Yields what a source yields, in lists: each list holds all that has come since the last one was taken. Ends and throws as the source does. */
export async function* batched<T>(source: AsyncIterable<T>): AsyncGenerator<readonly T[], void, undefined> {
  let come: T[] = [];
  let wake = (): void => {};
  let end: { readonly error: unknown } | null = null;
  const read = async (): Promise<void> => {
    try {
      for await (const one of source) {
        come.push(one);
        wake();
      }
      end = { error: null };
    } catch (error) {
      end = { error };
    }
    wake();
  };
  void read();
  for (;;) {
    if (come.length > 0) {
      const batch = come;
      come = [];
      yield batch;
    } else if (end !== null) {
      const { error } = end as { readonly error: unknown };
      if (error !== null) throw error;
      return;
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}
