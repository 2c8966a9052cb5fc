/** As `PasswordHasher` reads them; its costs are not looked at. */
const ARGON2ID = /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}$/;

/** Whether a hash that comes from elsewhere is one of argon2id as a PHC string: with any other, nobody can log in. */
export const isArgon2idHash = (hash: string): boolean => ARGON2ID.test(hash);
