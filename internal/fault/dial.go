package fault

import "strings"

// Dialled says why a connection could not be made: the address and the system's reason,
// without the names that Go's libraries put around them.
func Dialled(err error) string {
	text := err.Error()
	at := strings.LastIndex(text, "dial tcp")
	if at < 0 {
		return text
	}
	text = strings.TrimRight(strings.TrimLeft(text[at+len("dial tcp"):], ": "), `"`)
	text = strings.Replace(text, ": connect: ", ": ", 1)
	if lookup, ok := strings.CutPrefix(text, "lookup "); ok {
		host, reason, found := strings.Cut(lookup, ": ")
		host, _, _ = strings.Cut(host, " on ")
		if found {
			return host + ": " + reason
		}
	}
	return text
}
