/** Two labs whose names give one group number (22 bits of SHA-256): among some thousand names there are two such. */
export const NAMESAKES = ['lab463', 'lab805'] as const;
