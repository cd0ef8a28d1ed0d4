type MailFacts = {
  shop: string
  email: string
  invitedBy: string
  account: { from: string; to: string; by: string } | undefined
}
type Told = { subject: string; heading: string; text: string[]; link: string }

const tell = (told: (facts: MailFacts) => Told) => told

/** People of a shop: who they are, what they may do, and how they come in. */
export const deskUsers = {
  roles: { owner: 'Owner', staff: 'Staff', viewer: 'Viewer' },

  list: {
    title: 'People',
    lead: 'Who signs in for this shop, and what each of them may do.',
    invite: 'Invite somebody',
    noMail:
      'No mail goes out from this installation, so no invitation and no link for a new password arrives. Whoever runs it adds people with npm run merchant -- add-user, and sets passwords with npm run merchant -- reset-password.',
    name: 'Name',
    email: 'Email address',
    role: 'Role',
    rights: 'Rights',
    state: 'State',
    you: 'you',
    states: { active: 'Active', invited: 'Invited', disabled: 'Disabled' },
    rightWords: { all: 'Everything', refund: 'Refunds', export: 'Exports', none: '–' },
  },

  form: {
    inviteTitle: 'Invite somebody',
    inviteLead: 'They get a mail with a link by which they choose a password. It works for 3 days.',
    inviteButton: 'Send the invitation',
    changeTitle: (name: string) => `What ${name} may do`,
    changeButton: 'Save',
    back: 'All people',
    name: 'Name',
    email: 'Email address',
    role: 'Role',
    roleHints: {
      owner: 'Everything, with settings and people',
      staff: 'Runs orders and products',
      viewer: 'Looks, and changes nothing',
    },
    rights: 'Further rights',
    rightsHint: 'Owners have both anyway. Viewers never refund.',
    refund: 'Refund payments',
    export: 'Export orders as CSV',
    state: 'State',
    since: 'Here since',
    disable: 'Disable',
    disableHint: 'They are signed out at once and cannot sign in. What they did stays on record.',
    enable: 'Enable',
    enableHint: 'They sign in with the password that they had.',
    resend: 'Send the invitation again',
    resendHint: 'They have not chosen a password yet.',
    clash: (name: string, now: string) =>
      `Someone else changed what ${name} may do since you opened this page. It is now: ${now}. Your choice is below; check and save again.`,
    problems: {
      noName: 'Enter a name',
      longName: (most: number) => `Enter a name of at most ${most} characters`,
      wrongName: 'Enter a name without line breaks or control characters',
      noEmail: 'Enter an email address',
      longEmail: (most: number) => `Enter an email address of at most ${most} characters`,
      wrongEmail: 'Enter an email address like name@example.com',
      taken: 'Somebody signs in with this email address already. Enter another one',
      noRole: 'Choose a role',
      lastOwner: 'A shop needs an owner who can sign in, and this is the last one',
      yourself: 'You cannot disable yourself. Another owner can',
    },
  },

  notices: {
    invited: 'The invitation is on its way.',
    changed: 'Saved.',
    disabled: 'Disabled, and signed out everywhere.',
    enabled: 'Enabled.',
  },

  account: {
    title: 'Your account',
    email: 'Email address',
    role: 'Role',
    nameHeading: 'Your name',
    nameHint: 'Others see it on what you do.',
    name: 'Name',
    saveName: 'Save name',
    passwordHeading: 'Change your password',
    passwordLead: 'You stay signed in here, and are signed out everywhere else.',
    current: 'Your password now',
    next: 'New password',
    savePassword: 'Change password',
    notices: {
      name: 'Your name is saved.',
      password: 'Your password is changed. You are signed out everywhere else.',
    },
    noCurrent: 'Enter your password',
    wrongCurrent: 'That is not your password',
  },

  password: {
    hint: '8 characters or more. A few words that do not belong together are best.',
    problems: {
      missing: 'Enter a new password',
      short: (least: number) => `Enter a password of ${least} characters or more`,
      long: (most: number) => `Enter a password of at most ${most} characters`,
      common: 'Many people use that password, so it is guessed first. Enter another one',
      personal: 'Enter a password that is not your name, email address or shop',
    },
  },

  forgotten: {
    link: 'Forgotten your password?',
    title: 'Forgotten your password?',
    lead: 'Enter the email address that you sign in with. We mail you a link by which you choose a new password.',
    email: 'Email address',
    button: 'Mail me the link',
    noMail:
      'No mail goes out from this installation, so it cannot send you a link. Ask whoever runs it to set a new password with npm run merchant -- reset-password.',
    sentTitle: 'Look into your mail',
    sent: [
      'If somebody signs in with that address, a mail with a link is on its way to it.',
      'The link works for one hour, once. If nothing comes, look among unwanted mail, or try again in some minutes.',
    ],
    back: 'Back to sign in',
  },

  set: {
    titles: { invitation: 'Choose a password', password_reset: 'Choose a new password' },
    lead: (shop: string) => `For your account at ${shop}.`,
    email: 'Email address',
    password: 'New password',
    button: 'Set password',
    deadTitle: 'This link does not work any more',
    dead: [
      'It was used already, or it is too old, or part of it is missing.',
      'If you were invited, ask for another invitation. If you forgot your password, ask for another link.',
    ],
    askAgain: 'Ask for another link',
    done: 'Your password is set. Sign in with it.',
  },

  mails: {
    why: (shop: string) => `You get this mail because this address is one of the desk of ${shop}.`,
    byKind: {
      user_invitation: tell(({ shop, invitedBy }) => ({
        subject: `You are invited to ${shop}`,
        heading: `You are invited to ${shop}`,
        text: [
          invitedBy
            ? `${invitedBy} invites you to the desk of ${shop}, where its orders are run.`
            : `You are invited to the desk of ${shop}, where its orders are run.`,
          'Choose a password to come in. The link works for 3 days, once.',
        ],
        link: 'Choose a password',
      })),
      user_password_reset: tell(({ shop, email }) => ({
        subject: `Choose a new password for ${shop}`,
        heading: 'Choose a new password',
        text: [
          `Somebody asked for a new password for ${email} at ${shop}. The link works for one hour, once.`,
          'If that was not you, you need not do anything: your password stays as it is.',
        ],
        link: 'Choose a new password',
      })),
      user_password_changed: tell(({ shop, email }) => ({
        subject: `Your password for ${shop} was changed`,
        heading: 'Your password was changed',
        text: [
          `The password of ${email} at ${shop} was just changed, and all other sign-ins were ended.`,
          'If that was not you, ask for a new password now, and tell an owner of the shop.',
        ],
        link: 'I did not do that',
      })),
      user_sub_account_changed: tell(({ shop, account }) => ({
        subject: `The money of ${shop} goes to another account`,
        heading: 'The money goes to another account',
        text: [
          `${account?.by} changed the sub account at JustiFi of ${shop} from ${account?.from} to ${account?.to}. New orders are paid to it.`,
          'If you did not know of that, look at the settings now, and ask who did it.',
        ],
        link: 'Look at the settings',
      })),
    },
  },
}
