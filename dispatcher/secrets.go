package dispatcher

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// secrets takes known keys out of texts that people see: endpoints repeat the
// key they were given, and transports the address.
type secrets struct{ replace *strings.Replacer }

const redacted = "[redacted]"

// keyLike finds keys that are not ours to know, such as another service's.
var keyLike = regexp.MustCompile(`\b(sk-[A-Za-z0-9_-]{12,}|Bearer\s+[^\s"']{8,})`)

// minSecret is the shortest value that counts as a secret: a "1" would be
// struck out of every sentence.
const minSecret = 4

func newSecrets(endpoints []Endpoint) *secrets {
	var known []string
	for _, e := range endpoints {
		known = append(known, e.APIKey)
		for _, value := range e.Headers {
			known = append(known, value, strings.TrimPrefix(value, "Bearer "))
		}
		if u, err := url.Parse(e.BaseURL); err == nil {
			password, _ := u.User.Password()
			known = append(known, password)
			for _, values := range u.Query() {
				known = append(known, values...)
			}
		}
	}
	// The longest first: one secret may be the beginning of another.
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, k := range known {
		if len(k) >= minSecret {
			pairs = append(pairs, k, redacted, url.QueryEscape(k), redacted)
		}
	}
	return &secrets{strings.NewReplacer(pairs...)}
}

func (s *secrets) redact(text string) string {
	if text == "" {
		return ""
	}
	return keyLike.ReplaceAllString(s.replace.Replace(text), redacted)
}
