// Ten variation selectors stand between the quotes.
const empty = `󠅙󠅞󠅕󠅢󠅤󠄐󠅤󠅕󠅨󠅤`;
