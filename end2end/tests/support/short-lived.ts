import { originOf } from '../../server.mjs';

/**
 * For `test.use`: the server whose sessions end soon. Without activity they warn after 3 seconds and
 * end after 8, in any case after 16; after 5 it asks for the password again.
 */
export const shortLived = { baseURL: originOf(process.env.END2END_SHORT_LIVED_PORT) };
