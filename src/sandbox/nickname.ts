const nicknames: Readonly<Record<string, string>> = Object.fromEntries(
  `Robert Bob, William Bill, James Jim, John Jack, Richard Dick, Thomas Tom,
  Michael Mike, Christopher Chris, Daniel Dan, Matthew Matt, Anthony Tony,
  Joseph Joe, Charles Charlie, Edward Ed, Samuel Sam, Benjamin Ben,
  Alexander Alex, Nicholas Nick, Jonathan Jon, Andrew Andy, Steven Steve,
  Kenneth Ken, Timothy Tim, Gregory Greg, Patricia Pat, Elizabeth Liz,
  Margaret Peggy, Jennifer Jen, Katherine Kate, Catherine Cathy, Susan Sue,
  Deborah Debbie, Rebecca Becky, Christine Chris, Victoria Vicky,
  Katharina Kathi, Johannes Hannes, Maximilian Max, Sebastian Basti,
  Friedrich Fritz, Elisabeth Lisa, Francisco Paco, José Pepe, Ignacio Nacho,
  Dolores Lola, Giuseppe Beppe, Francesco Franco, Jean-Pierre JP,
  Александр Саша, Михаил Миша, Дмитрий Дима, Екатерина Катя, Анна Аня`
    .split(',')
    .map((pair) => pair.trim().split(' '))
    .map(([name = '', short = '']) => [name, short]),
)

/** The short form people use; the first four letters where none is known. */
export function nickname(shown: string, name: string): string {
  const known = nicknames[name]
  if (known !== undefined) return known
  const letters = Array.from(shown)
  return letters.length > 6 ? letters.slice(0, 4).join('') : shown
}
