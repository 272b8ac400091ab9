package folder

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// maxDepth bounds nesting of payloads, read and written.
const maxDepth = 512

// plainer turns what the machine built into JSON-like values, as the client
// does when it loads a point: dates become ISO 8601 strings, UUIDs strings,
// tuples and sets lists.
type plainer struct{ budget *budget }

// budget bounds what a row may come to. A pickle can use one list or string
// many times over at two bytes a time, so that a small row becomes more than a
// machine holds; no client needs that.
type budget struct{ left int }

// spare is granted over the row's own size: for what is honestly shared.
const spare = 1 << 18

func newBudget(rowSize int) *budget { return &budget{spare + rowSize} }

// take charges n values, or n times 16 bytes.
func (b *budget) take(n int) error {
	if b.left -= n; b.left < 0 {
		return fmt.Errorf("what it holds is far larger than the row: refused")
	}
	return nil
}

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
	if err := p.budget.take(1 + weight(v)); err != nil {
		return nil, err
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
		return v, nil
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

// weight is what a value costs beyond its place, where that can be much.
func weight(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) / 16
	case pyBytes:
		return len(v) / 16
	case *big.Int:
		return v.BitLen() / 8
	case *pyList:
		return v.len()
	case *pyDict:
		return len(v.pairs)
	}
	return 0
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
	plain := make([]any, 0, len(items))
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
	plain := make(map[string]any, len(d.pairs)/2)
	for i := 0; i+1 < len(d.pairs); i += 2 {
		if err := p.budget.take(weight(d.pairs[i])); err != nil {
			return nil, err
		}
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
		return key, nil
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

// bigNumber is an integer beyond int64: itself as far as ids go, then the nearest
// float, as Qdrant's server keeps it, or its digits where no float reaches.
func bigNumber(n *big.Int) any {
	if n.IsUint64() {
		return n.Uint64()
	}
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
