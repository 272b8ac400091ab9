package upstream

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Secrets takes known keys out of texts that people see: endpoints repeat the
// key they were given, and transports the address.
type Secrets struct{ replace *strings.Replacer }

const redacted = "[redacted]"

// keyLike finds keys that are not ours to know, such as another service's.
var keyLike = regexp.MustCompile(`\b(sk-[A-Za-z0-9_-]{12,}|Bearer\s+[^\s"']{8,})`)

// minSecret is the shortest value that counts as a secret: a "1" would be
// struck out of every sentence.
const minSecret = 4

// NewSecrets knows the keys, headers, passwords and queries of endpoints.
func NewSecrets(endpoints []Config) *Secrets {
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
	return &Secrets{strings.NewReplacer(pairs...)}
}

// Redact is the text without what is secret.
func (s *Secrets) Redact(text string) string {
	if text == "" {
		return ""
	}
	return keyLike.ReplaceAllString(s.replace.Replace(text), redacted)
}
