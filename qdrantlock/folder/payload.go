package folder

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds nesting of payloads, read and written.
const maxDepth = 512

// plainer turns what the machine built into JSON-like values, as the client
// does when it loads a point: dates become ISO 8601 strings, UUIDs strings,
// tuples and sets lists. A pickle can name one list many times over; left
// bounds what all those copies may come to.
type plainer struct{ left int }

func newPlainer(rowSize int) *plainer { return &plainer{left: 1<<20 + rowSize} }

// payload of a point: a dict, or None which reads as an empty one.
func (p *plainer) payload(v any) (map[string]any, error) {
	switch v := v.(type) {
	case pyNone, nil:
		return map[string]any{}, nil
	case *pyDict:
		return p.dict(v, 0)
	}
	return nil, fmt.Errorf("the payload is no dict")
}

func (p *plainer) value(v any, depth int) (any, error) {
	if p.left--; p.left < 0 {
		return nil, fmt.Errorf("the payload is far larger than its row: refused")
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("the payload is nested deeper than %d", maxDepth)
	}
	switch v := v.(type) {
	case pyNone:
		return nil, nil
	case bool, int64, float64:
		return v, nil
	case string:
		return validText(v), nil
	case *big.Int:
		return bigNumber(v), nil
	case *pyDict:
		return p.dict(v, depth)
	case *pyList:
		return p.list(v.values(), depth)
	case pyTuple:
		return p.list(v, depth)
	case *pySet:
		return p.list(v.items, depth)
	}
	return scalar(v)
}

// scalar handles the leaves that JSON has no type for.
func scalar(v any) (any, error) {
	switch v := v.(type) {
	case *pyMoment:
		return v.text, nil
	case *pyDelta:
		return v.iso(), nil
	case pyBytes:
		if utf8.Valid(v) {
			return string(v), nil
		}
		return nil, fmt.Errorf("the payload holds bytes that are no text")
	case *pyObject:
		if v.class == classUUID {
			return uuidText(v)
		}
	}
	return nil, fmt.Errorf("the payload holds a value that JSON cannot: %T", v)
}

func (p *plainer) list(items []any, depth int) (any, error) {
	plain := make([]any, 0, min(len(items), p.left+1))
	for _, item := range items {
		v, err := p.value(item, depth+1)
		if err != nil {
			return nil, err
		}
		plain = append(plain, v)
	}
	return plain, nil
}

func (p *plainer) dict(d *pyDict, depth int) (map[string]any, error) {
	plain := make(map[string]any, min(len(d.pairs)/2, p.left+1))
	for i := 0; i+1 < len(d.pairs); i += 2 {
		key, err := keyText(d.pairs[i])
		if err != nil {
			return nil, err
		}
		if plain[key], err = p.value(d.pairs[i+1], depth+1); err != nil {
			return nil, err
		}
	}
	return plain, nil
}

// keyText names a dict's key the way json.dumps does.
func keyText(key any) (string, error) {
	switch key := key.(type) {
	case string:
		return validText(key), nil
	case int64:
		return strconv.FormatInt(key, 10), nil
	case *big.Int:
		return key.String(), nil
	case bool:
		return strconv.FormatBool(key), nil
	case pyNone:
		return "null", nil
	case float64:
		return strconv.FormatFloat(key, 'g', -1, 64), nil
	}
	return "", fmt.Errorf("the payload has a key that is no string: %T", key)
}

// validText replaces lone surrogates, which Python can hold and UTF-8 cannot.
func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// bigNumber is an integer beyond int64: the nearest float, as Qdrant's server
// keeps it, or its digits where no float reaches.
func bigNumber(n *big.Int) any {
	f, _ := new(big.Float).SetInt(n).Float64()
	if math.IsInf(f, 0) {
		return n.String()
	}
	return f
}

// uuidText reads uuid.UUID's state, a dict with the 128-bit number.
func uuidText(o *pyObject) (string, error) {
	number := new(big.Int)
	if o.state != nil {
		switch n, _ := o.state.get("int"); n := n.(type) {
		case *big.Int:
			number = n
		case int64:
			number.SetInt64(n)
		default:
			return "", fmt.Errorf("a UUID without its number")
		}
	}
	if number.Sign() < 0 || number.BitLen() > 128 {
		return "", fmt.Errorf("a UUID of more than 128 bits")
	}
	hex := fmt.Sprintf("%032x", number)
	return hyphenated(hex), nil
}

func hyphenated(hex string) string {
	return hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:]
}
