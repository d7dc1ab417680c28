/* messages_table.h: the texts, one WEB_MESSAGE_ENUM(name, text) each. Included several times on purpose: no guard. */
WEB_MESSAGE_ENUM(LANG, "en")
/* titles */
WEB_MESSAGE_ENUM(TITLE_DEVICES, "Devices")
WEB_MESSAGE_ENUM(TITLE_ROUTES, "Routes")
WEB_MESSAGE_ENUM(TITLE_ADD, "Add a device")
WEB_MESSAGE_ENUM(TITLE_REGISTER, "Add this device?")
WEB_MESSAGE_ENUM(TITLE_WAIT, "Waiting for {0}")
WEB_MESSAGE_ENUM(TITLE_REMOVE, "Remove {0}?")
WEB_MESSAGE_ENUM(TITLE_LOGOUT, "Log {0} out?")
WEB_MESSAGE_ENUM(TITLE_SIGNIN, "Sign in")
WEB_MESSAGE_ENUM(TITLE_KEYS, "Keys")
WEB_MESSAGE_ENUM(TITLE_KEY_REVOKE, "Revoke this key?")
WEB_MESSAGE_ENUM(TITLE_TOKENS, "Tokens")
WEB_MESSAGE_ENUM(TITLE_TOKEN_REVOKE, "Revoke {0}?")
WEB_MESSAGE_ENUM(TITLE_CLI, "Let a command line in?")
WEB_MESSAGE_ENUM(TITLE_CLI_CODE, "Let a command line in")
WEB_MESSAGE_ENUM(TITLE_UNMAPPED, "Account not known")
WEB_MESSAGE_ENUM(ERROR_TITLE, "Error: {0}")
/* a device */
WEB_MESSAGE_ENUM(UNNAMED, "device {0}")
WEB_MESSAGE_ENUM(NOBODY, "nobody (tagged)")
WEB_MESSAGE_ENUM(JOINED_KEY, "with a pre-auth key")
WEB_MESSAGE_ENUM(JOINED_LINK, "by a link")
WEB_MESSAGE_ENUM(JOINED_OIDC, "through Headscale’s own sign-in")
WEB_MESSAGE_ENUM(ROUTE_WAITING, "waiting for approval")
WEB_MESSAGE_ENUM(ROUTE_WAITING_LONG, "{0} offers {1}. Nobody uses it until you approve it.")
WEB_MESSAGE_ENUM(ROUTE_SERVING, "serving")
WEB_MESSAGE_ENUM(ROUTE_SERVING_LONG, "Traffic for {1} goes through {0} now.")
WEB_MESSAGE_ENUM(ROUTE_STANDBY, "approved, not serving")
WEB_MESSAGE_ENUM(
	ROUTE_STANDBY_LONG, "{1} is approved. Another device serves it now, or {0} is offline.")
WEB_MESSAGE_ENUM(ROUTE_IDLE, "approved, not offered now")
WEB_MESSAGE_ENUM(ROUTE_IDLE_LONG,
	"{0} does not offer {1} now. If it offers it again, it may serve it without asking.")
WEB_MESSAGE_ENUM(ROUTE_GONE, "not offered any more")
WEB_MESSAGE_ENUM(ROUTE_GONE_LONG, "{0} no longer offers {1}.")
/* times; {0} is a number */
WEB_MESSAGE_ENUM(JUST_NOW, "just now")
WEB_MESSAGE_ENUM(IN_A_MOMENT, "in less than a minute")
WEB_MESSAGE_ENUM(AGO, "{0} ago")
WEB_MESSAGE_ENUM(AHEAD, "in {0}")
WEB_MESSAGE_ENUM(SECOND, "1 second")
WEB_MESSAGE_ENUM(SECONDS, "{0} seconds")
WEB_MESSAGE_ENUM(MINUTE, "1 minute")
WEB_MESSAGE_ENUM(MINUTES, "{0} minutes")
WEB_MESSAGE_ENUM(HOUR, "1 hour")
WEB_MESSAGE_ENUM(HOURS, "{0} hours")
WEB_MESSAGE_ENUM(DAY, "1 day")
WEB_MESSAGE_ENUM(DAYS, "{0} days")
WEB_MESSAGE_ENUM(MONTH, "1 month")
WEB_MESSAGE_ENUM(MONTHS, "{0} months")
WEB_MESSAGE_ENUM(YEAR, "1 year")
WEB_MESSAGE_ENUM(YEARS, "{0} years")
WEB_MESSAGE_ENUM(MONTH_NAMES,
	"January February March April May June July August September October November December")
WEB_MESSAGE_ENUM(STALE,
	"Headscale has not answered for {0}. This is what it said at {1}. You can look, but not change anything.")
WEB_MESSAGE_ENUM(LOOK_ONLY,
	"This Headscale is newer than Ouroboros knows: you can look, but not change anything.")
WEB_MESSAGE_ENUM(AS_OF, "as of {0} s ago")
WEB_MESSAGE_ENUM(AS_OF_VERSION, "as of {0} s ago · Headscale {1}")
WEB_MESSAGE_ENUM(ENDLESS, "without an end")
WEB_MESSAGE_ENUM(LIFETIME, "Choose how long it shall last. Nothing was done.")
/* keys */
WEB_MESSAGE_ENUM(KEY_WORKS, "works")
WEB_MESSAGE_ENUM(KEY_WORKS_USED, "works, was used")
WEB_MESSAGE_ENUM(KEY_USED, "used up")
WEB_MESSAGE_ENUM(KEY_OVER, "ended")
WEB_MESSAGE_ENUM(KEYS_OFF, "The rules of this network do not let you make keys by yourself.")
WEB_MESSAGE_ENUM(KEYS_FULL,
	"You have {0} keys that work, as many as the rules of this network allow. Revoke one to make another.")
WEB_MESSAGE_ENUM(KEY_TWICE,
	"This form was sent before, or you made a key elsewhere meanwhile. No further key was made. A key is shown only once: if you missed it, revoke it and make another.")
WEB_MESSAGE_ENUM(KEY_UNCERTAIN,
	"Headscale stopped answering while the key was being made. If it is in the list of your keys, it was made, but nobody has seen it: revoke it and make another.")
WEB_MESSAGE_ENUM(TO_KEYS, "Go to your keys")
/* tokens */
WEB_MESSAGE_ENUM(SCOPE_ALL, "everything that you can do here")
WEB_MESSAGE_ENUM(SCOPE_READ, "look")
WEB_MESSAGE_ENUM(SCOPE_NODES, "change devices")
WEB_MESSAGE_ENUM(SCOPE_ROUTES, "change routes and exit nodes")
WEB_MESSAGE_ENUM(SCOPE_KEYS, "make and revoke keys")
WEB_MESSAGE_ENUM(TOKENS_OFF, "The rules of this network do not allow personal tokens.")
WEB_MESSAGE_ENUM(TOKENS_NO_STORE,
	"Ouroboros has no place here to keep tokens, so there are none. The administrator gives it one with the setting state_dir or store_url.")
WEB_MESSAGE_ENUM(TOKENS_FULL, "You have as many tokens as one person may have. Revoke one first.")
WEB_MESSAGE_ENUM(TOKEN_NAME, "Give it a name of at most 63 letters. Nothing was made.")
WEB_MESSAGE_ENUM(TOKEN_TWICE,
	"This form was sent before, or your tokens changed meanwhile. No further token was made. A token is shown only once: if you missed it, revoke it and make another.")
WEB_MESSAGE_ENUM(TO_TOKENS, "Go to your tokens")
/* a command line that signs in */
WEB_MESSAGE_ENUM(CLI_CODE_WRONG,
	"No command line waits with this code. It may be mistyped, used already, or older than 10 minutes.")
WEB_MESSAGE_ENUM(CLI_GONE_TITLE, "Nothing waits here")
WEB_MESSAGE_ENUM(CLI_GONE,
	"This request of a command line was answered already, is older than 10 minutes, or never was there.")
WEB_MESSAGE_ENUM(CLI_GONE_NEXT, "In the terminal, run ouroboros login again.")
WEB_MESSAGE_ENUM(CLI_NOT_TITLE, "The command line was not let in")
WEB_MESSAGE_ENUM(CLI_APPROVED_TITLE, "Approved")
WEB_MESSAGE_ENUM(CLI_APPROVED, "Go back to the terminal; you can close this page.")
WEB_MESSAGE_ENUM(CLI_APPROVED_NEXT,
	"Its token is now among your tokens, where you can revoke it at any time.")
WEB_MESSAGE_ENUM(CLI_REFUSED_TITLE, "Refused")
WEB_MESSAGE_ENUM(CLI_REFUSED, "The command line was not let in. Nothing was made.")
WEB_MESSAGE_ENUM(CLI_REFUSED_TELL,
	"If somebody sent you the link or the code, tell your administrator who it was.")
/* the list */
WEB_MESSAGE_ENUM(FILTER_ALL, "All")
WEB_MESSAGE_ENUM(FILTER_ONLINE, "Online")
WEB_MESSAGE_ENUM(FILTER_OFFLINE, "Offline")
WEB_MESSAGE_ENUM(FILTER_EXPIRED, "Logged out")
WEB_MESSAGE_ENUM(FILTER_WAITING, "Waiting for approval")
WEB_MESSAGE_ENUM(FILTER_ROUTES, "With routes")
WEB_MESSAGE_ENUM(SORT_NAME, "Name")
WEB_MESSAGE_ENUM(SORT_SEEN, "Last seen")
WEB_MESSAGE_ENUM(SORT_EXPIRY, "Key expiry")
WEB_MESSAGE_ENUM(SORT_OWNER, "Owner")
WEB_MESSAGE_ENUM(FOUND_NONE, "None of your devices matches.")
WEB_MESSAGE_ENUM(FOUND_ONE, "One of your devices matches.")
WEB_MESSAGE_ENUM(FOUND, "{0} of your devices match.")
WEB_MESSAGE_ENUM(PAGES_MINE, "Pages of your devices")
WEB_MESSAGE_ENUM(PAGES_OTHERS, "Pages of others’ devices")
WEB_MESSAGE_ENUM(PAGE_OF, "Page {0} of {1}")
/* what was done */
WEB_MESSAGE_ENUM(DONE_RENAMED, "Renamed.")
WEB_MESSAGE_ENUM(DONE_LOGGED_OUT, "Logged out. The device must log in again.")
WEB_MESSAGE_ENUM(DONE_EXIT_ON, "Exit node is on.")
WEB_MESSAGE_ENUM(DONE_EXIT_OFF, "Exit node is off.")
WEB_MESSAGE_ENUM(DONE_APPROVED, "Route approved.")
WEB_MESSAGE_ENUM(DONE_WITHDRAWN, "Approval withdrawn.")
WEB_MESSAGE_ENUM(DONE_WITHDRAWN_LAST,
	"Approval withdrawn. It was the device’s last one, and this version of Headscale forgets such a withdrawal when it is restarted: the approval is back then. To be sure, let the device stop offering the route as well.")
WEB_MESSAGE_ENUM(DONE_EXIT_OFF_LAST,
	"Exit node is off. This version of Headscale forgets that when it is restarted: the exit node is on again then. To be sure, let the device stop offering it as well.")
WEB_MESSAGE_ENUM(DONE_FORGOTTEN, "Route forgotten.")
WEB_MESSAGE_ENUM(DONE_REMOVED, "The device was removed.")
WEB_MESSAGE_ENUM(DONE_REGISTERED, "The device is on the network.")
WEB_MESSAGE_ENUM(
	DONE_ADDED, "The device was added. It is listed here as soon as Headscale answers again.")
WEB_MESSAGE_ENUM(DONE_EXTENDED, "The end of the key was changed.")
WEB_MESSAGE_ENUM(DONE_EXTENDED_ONCE,
	"The end of the key was changed. This version of Headscale forgets that when it is restarted: the old end is back then.")
WEB_MESSAGE_ENUM(DONE_KEY_REVOKED, "The key was revoked.")
WEB_MESSAGE_ENUM(DONE_TOKEN_REVOKED, "The token was revoked.")
/* what was not done */
WEB_MESSAGE_ENUM(
	CHANGED, "{0} changed since you opened this page. Here is how it is now. Nothing was done.")
WEB_MESSAGE_ENUM(DENIED, "The rules of this network do not allow that. Nothing was done. ({0})")
WEB_MESSAGE_ENUM(REJECTED, "Headscale refused: {0}")
WEB_MESSAGE_ENUM(NOT_OFFERED, "{0} does not offer that now. Nothing was done.")
WEB_MESSAGE_ENUM(UNSUPPORTED, "This version of Headscale cannot do that. Nothing was done. ({0})")
WEB_MESSAGE_ENUM(
	NO_ANSWER, "Headscale does not answer. Nothing was changed; try again in a moment.")
WEB_MESSAGE_ENUM(FAILED, "That did not work. Nothing was changed. ({0})")
WEB_MESSAGE_ENUM(UNCERTAIN_TITLE, "It is not known what happened")
WEB_MESSAGE_ENUM(UNCERTAIN,
	"Headscale stopped answering while {0} was being {1}. It may or may not have happened; look at the list in a moment.")
WEB_MESSAGE_ENUM(UNCERTAIN_REMOVE,
	"Headscale stopped answering while {0} was being removed. It may or may not be gone; look at the list in a moment.")
WEB_MESSAGE_ENUM(VERB_RENAMED, "renamed")
WEB_MESSAGE_ENUM(VERB_LOGGED_OUT, "logged out")
WEB_MESSAGE_ENUM(VERB_CHANGED, "changed")
WEB_MESSAGE_ENUM(TO_DEVICES, "Go to your devices")
WEB_MESSAGE_ENUM(TO_ADD, "Add a device")
WEB_MESSAGE_ENUM(TRY_AGAIN, "Try again")
/* names */
WEB_MESSAGE_ENUM(NAME_TAKEN, "{0} is taken by another device.")
/* what a name may be: by the version of Headscale */
WEB_MESSAGE_ENUM(NAME_RULE_LABEL,
	"Use letters a–z, digits and hyphens, up to 63, with a letter or digit at both ends. Capitals are fine.")
WEB_MESSAGE_ENUM(NAME_RULE_SHORT,
	"Use letters a–z (no capitals), digits, hyphens and dots, up to 63, with a letter or digit at both ends.")
WEB_MESSAGE_ENUM(NAME_RULE_PLAIN,
	"Use letters a–z (no capitals), digits, hyphens and dots, 2 to 63, with a letter or digit at both ends.")
WEB_MESSAGE_ENUM(NAME_RULE_DETAIL, "{0} ({1})")
WEB_MESSAGE_ENUM(NAME_FREE, "{0} is free.")
WEB_MESSAGE_ENUM(NAME_TYPE, "That is not its name. Type {0} exactly as shown; nothing was removed.")
/* registering */
WEB_MESSAGE_ENUM(KEY_FORM_TITLE, "This is not a device’s key")
WEB_MESSAGE_ENUM(KEY_FORM,
	"A device shows a link that ends in /register/ and a key. The key starts with hskey-authreq- or mkey:, or is 24 letters, digits, hyphens and underscores.")
WEB_MESSAGE_ENUM(
	KEY_FORM_NEXT, "Copy the whole link from the device. To have a new one, run on the device:")
WEB_MESSAGE_ENUM(KEY_FIELD,
	"This is neither a link nor a key of a device. A link ends in /register/ and a key; a key starts with mkey: or has 24 characters.")
WEB_MESSAGE_ENUM(KEY_BARE,
	"Paste the whole link, from https:// on. A key that starts with hskey-authreq- may also belong to an SSH login that waits for somebody’s consent; only the link tells which it is. Nothing was added.")
WEB_MESSAGE_ENUM(KEY_SSH,
	"This link belongs to an SSH login that waits for somebody’s consent, not to a device that wants to join. It cannot be used here. Nothing was added.")
WEB_MESSAGE_ENUM(KEY_UNKNOWN_TITLE, "This link no longer works")
WEB_MESSAGE_ENUM(KEY_UNKNOWN,
	"This link is used up or too old. On the device, run the command again and open the new link.")
WEB_MESSAGE_ENUM(KEY_UNKNOWN_NEWER, "If the device shows a newer link already, open that one.")
WEB_MESSAGE_ENUM(
	KEY_UNKNOWN_WAIT, "If the device still waits with this very link, try again in a minute.")
WEB_MESSAGE_ENUM(KEY_UNKNOWN_OLD_CLIENT,
	"If it shows no link at all, its Tailscale may be too old for this server: update it first.")
WEB_MESSAGE_ENUM(OTHER_OWNER_TITLE, "This device belongs to somebody else")
WEB_MESSAGE_ENUM(OTHER_OWNER,
	"This device already belongs to somebody else here. They, or the administrator, must remove it first.")
WEB_MESSAGE_ENUM(REGISTER_DENIED_TITLE, "You cannot add this device")
WEB_MESSAGE_ENUM(REGISTER_DENIED, "The rules of this network do not allow it: {0}.")
WEB_MESSAGE_ENUM(NOTHING_ADDED, "Nothing was added.")
WEB_MESSAGE_ENUM(REGISTER_UNCERTAIN,
	"Headscale stopped answering while the device was being added. It may or may not be in; look at the list in a moment.")
WEB_MESSAGE_ENUM(REGISTER_NO_USER, "Headscale does not know the user {0}. Tell your administrator.")
WEB_MESSAGE_ENUM(REGISTER_LATER,
	"Headscale does not answer. Nothing was added. The link stays good for about 15 minutes; try again in a moment.")
WEB_MESSAGE_ENUM(NOT_MINE_TITLE, "Nothing was added")
WEB_MESSAGE_ENUM(NOT_MINE,
	"You did well not to go on. The device is not on the network, and the link dies by itself within about 15 minutes.")
WEB_MESSAGE_ENUM(
	NOT_MINE_TELL, "If somebody sent you the link, tell your administrator who it was.")
/* signing in */
WEB_MESSAGE_ENUM(SIGNIN,
	"Look after your own devices on this network: see them, name them, add and remove them.")
WEB_MESSAGE_ENUM(SIGNIN_REGISTER_TITLE, "Sign in to add this device")
WEB_MESSAGE_ENUM(SIGNIN_REGISTER,
	"A device asks to join the network. Sign in first; then you are asked whether it is yours.")
WEB_MESSAGE_ENUM(SIGNIN_CLI_TITLE, "Sign in to let a command line in")
WEB_MESSAGE_ENUM(SIGNIN_CLI,
	"A program asks to act for you. Sign in first; then you see what it wants and can still refuse.")
WEB_MESSAGE_ENUM(SIGNIN_OVER_TITLE, "Your session is over")
WEB_MESSAGE_ENUM(SIGNIN_OVER,
	"Sign in again and you are back where you were. If you had just pressed a button, nothing was done: press it again.")
WEB_MESSAGE_ENUM(SIGNIN_OUT_TITLE, "You are signed out")
WEB_MESSAGE_ENUM(SIGNIN_OUT,
	"Your devices stay on the network. You are still signed in at GitHub in this browser.")
WEB_MESSAGE_ENUM(SIGNIN_REFUSED_TITLE, "GitHub did not let you in")
WEB_MESSAGE_ENUM(SIGNIN_REFUSED,
	"The request was refused at GitHub, so we do not know who you are. To go on, sign in and press Authorize there.")
WEB_MESSAGE_ENUM(SIGNIN_STATE_TITLE, "That sign-in was not started here")
WEB_MESSAGE_ENUM(SIGNIN_STATE,
	"The answer from GitHub does not belong to this browser, or was used already. Nobody was signed in. Start again here.")
WEB_MESSAGE_ENUM(SIGNIN_LATE_TITLE, "That took too long")
WEB_MESSAGE_ENUM(SIGNIN_LATE, "A sign-in must be finished within 10 minutes. Start again.")
WEB_MESSAGE_ENUM(SIGNIN_PROVIDER_TITLE, "GitHub does not answer")
WEB_MESSAGE_ENUM(SIGNIN_PROVIDER,
	"GitHub failed to tell us who you are. Try again in a minute; if it goes on, look at githubstatus.com.")
WEB_MESSAGE_ENUM(UNMAPPED,
	"You are signed in as {0} (GitHub {1}), but nobody has given this account devices yet. Send this number to your administrator: {1}.")
/* problems */
WEB_MESSAGE_ENUM(P404_TITLE, "There is nothing here")
WEB_MESSAGE_ENUM(P404,
	"The page or device does not exist, or is not yours. A device that was just removed is gone from here at once.")
WEB_MESSAGE_ENUM(P400_TITLE, "This request cannot be understood")
WEB_MESSAGE_ENUM(P400,
	"The address or form is not one of ours, or was damaged on the way. Nothing was done.")
WEB_MESSAGE_ENUM(P403_TITLE, "This is not allowed")
WEB_MESSAGE_ENUM(P403,
	"The request did not come from a page of this site, or the rules forbid it. Nothing was done.")
WEB_MESSAGE_ENUM(PFORM_TITLE, "This form is too old")
WEB_MESSAGE_ENUM(PFORM,
	"You signed in again since the page was opened. Nothing was done; go back, reload the page and try again.")
WEB_MESSAGE_ENUM(P405_TITLE, "That is not possible here")
WEB_MESSAGE_ENUM(P405, "This address does not take such a request. Nothing was done.")
WEB_MESSAGE_ENUM(P429_TITLE, "Too many requests")
WEB_MESSAGE_ENUM(P429, "Nothing was done. Try again in {0}.")
WEB_MESSAGE_ENUM(PDOWN_TITLE, "Headscale does not answer")
WEB_MESSAGE_ENUM(PDOWN,
	"The server of this network cannot be asked at the moment, so your devices cannot be shown. Devices that are connected stay connected. Nothing was changed.")
WEB_MESSAGE_ENUM(PDOWN_NEXT, "Try again in a moment. If it goes on, tell your administrator.")
WEB_MESSAGE_ENUM(PKEY_TITLE, "Ouroboros is not let in by Headscale")
WEB_MESSAGE_ENUM(PKEY,
	"Headscale refuses the key that Ouroboros uses: it is a wrong one, or its time is over. Nothing was changed. Only the administrator can put this right: the setting is hs_api_key.")
WEB_MESSAGE_ENUM(PSTRANGER,
	"Something answers in its place, but not as Headscale does. So your devices cannot be shown. Devices that are connected stay connected. Nothing was changed.")
WEB_MESSAGE_ENUM(PVERSION_TITLE, "Ouroboros does not know this Headscale")
WEB_MESSAGE_ENUM(PVERSION,
	"The server of this network runs a version of Headscale that Ouroboros cannot serve. Devices that are connected stay connected. Nothing was changed.")
WEB_MESSAGE_ENUM(PADMIN,
	"Only the administrator can put this right: /readyz and the log of Ouroboros say what to do.")
WEB_MESSAGE_ENUM(PSTORE_TITLE, "Tokens cannot be reached")
WEB_MESSAGE_ENUM(PSTORE,
	"The place where Ouroboros keeps tokens does not answer at the moment. Nothing was changed; your devices are not affected.")
WEB_MESSAGE_ENUM(P503_TITLE, "Not at the moment")
WEB_MESSAGE_ENUM(P503, "The server is busy or stopping. Nothing was done; try again in a moment.")
WEB_MESSAGE_ENUM(PCHANGED_TITLE, "It changed meanwhile")
WEB_MESSAGE_ENUM(PCHANGED,
	"What you wanted to change is not as it was when you opened the page. Nothing was done.")
WEB_MESSAGE_ENUM(P500_TITLE, "Ouroboros failed")
WEB_MESSAGE_ENUM(P500,
	"The request could not be served because of a fault on this server, which is in its log. Look at your devices before you try again.")
