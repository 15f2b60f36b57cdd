/** TypeORM entities of all rooms; a room that reads and writes with SQL alone has none. */
export const entities: readonly (new () => object)[] = [];
