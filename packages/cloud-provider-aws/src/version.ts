/** The version of this package, for the user agent. A test keeps it equal to package.json. */
export const version = '1.36.0';
