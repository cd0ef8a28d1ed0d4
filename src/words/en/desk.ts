/** The merchant's desk. A part that grows long has a file of its own beside this one. */
export const desk = {
  nav: {
    label: 'The desk',
    home: 'Home',
    orders: 'Orders',
    products: 'Products',
    events: 'Events',
    reconciliation: 'Reconciliation',
    settings: 'Settings',
    users: 'People',
    viewShop: 'View shop',
    signOut: 'Sign out',
    account: 'Your account',
    testMode: 'Test mode: JustiFi moves no money',
    roles: { owner: 'owner', staff: 'staff', viewer: 'viewer' },
  },
  signIn: {
    title: 'Sign in',
    email: 'Email address',
    password: 'Password',
    button: 'Sign in',
    goOn: 'Sign in to carry on.',
    goOnAgain: 'You were signed out. Sign in to carry on.',
    signedOut: 'You are signed out.',
    troubles: {
      missing: 'Enter your email address and your password',
      wrong: 'Email or password is not right',
    },
    tooMany: (wait: string) => `Too many tries. Try again in ${wait}`,
  },
}
