package points

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/qdrant/go-client/qdrant"

	"qgen-sidecar/qdrantlock/folder"
)

// Formula is a compiled qdrant.Formula: an arithmetic expression over a point's
// payload, filter conditions and the scores that prefetches gave it. Safe for
// concurrent use.
type Formula struct {
	value    expression
	defaults map[string]any // by path; "$score[i]" for a score
	uses     Filter         // what the conditions and variables need loaded
}

// expression computes a number for one point, or says why there is none.
type expression func(*scoredPoint) (float64, error)

// scoredPoint is a point as a formula sees it.
type scoredPoint struct {
	subject  Subject
	scores   []map[folder.ID]float32 // a map for each prefetch
	defaults map[string]any
}

// CompileFormula checks a formula whole, as Qdrant does before it scores a point.
func CompileFormula(src *qdrant.Formula) (*Formula, error) {
	f := &Formula{defaults: map[string]any{}}
	for key, v := range src.GetDefaults() {
		index, isScore, err := scoreVariable(key)
		if err != nil {
			return nil, err
		}
		if isScore {
			key = scoreKey(index)
		}
		f.defaults[key] = PlainValue(v)
	}
	var err error
	f.value, err = f.compile(src.GetExpression())
	return f, err
}

// Uses is for View, which then loads what the formula reads.
func (f *Formula) Uses() *Filter { return &f.uses }

// Score evaluates the formula for a point, given what each prefetch scored it.
func (v *View) Score(f *Formula, id folder.ID, scores []map[folder.ID]float32) (float32, error) {
	slot, ok := v.st.slot(id)
	if !ok {
		return 0, NoPoint(id)
	}
	x, err := f.value(&scoredPoint{v.subject(slot), scores, f.defaults})
	if err != nil {
		return 0, err
	}
	score := float32(x)
	if math.IsNaN(x) || math.IsInf(float64(score), 0) {
		return 0, notFinite("%v as f32 = %v", x, score)
	}
	return score, nil
}

func notFinite(format string, args ...any) error {
	return invalidf("The expression "+format+" produced a non-finite number", args...)
}

func (f *Formula) compile(src *qdrant.Expression) (expression, error) {
	switch e := src.GetVariant().(type) {
	case *qdrant.Expression_Constant:
		c := float64(e.Constant)
		return func(*scoredPoint) (float64, error) { return c, nil }, nil
	case *qdrant.Expression_Variable:
		return f.variable(e.Variable)
	case *qdrant.Expression_Condition:
		return f.condition(e.Condition)
	case *qdrant.Expression_GeoDistance:
		return f.geoDistance(e.GeoDistance)
	case *qdrant.Expression_Datetime:
		at, ok := ParseDatetime(e.Datetime)
		if !ok {
			return nil, invalidf("Expected datetime in supported format for %s", e.Datetime)
		}
		seconds := unixSeconds(at)
		return func(*scoredPoint) (float64, error) { return seconds, nil }, nil
	case *qdrant.Expression_DatetimeKey:
		return f.datetimeKey(e.DatetimeKey)
	case *qdrant.Expression_Mult:
		return f.product(e.Mult.GetMult())
	case *qdrant.Expression_Sum:
		return f.sum(e.Sum.GetSum())
	case *qdrant.Expression_Div:
		return f.quotient(e.Div)
	case *qdrant.Expression_Pow:
		return f.power(e.Pow)
	case *qdrant.Expression_ExpDecay:
		return f.decay(e.ExpDecay, false, func(diff, midpoint, scale float64) float64 {
			return math.Exp(math.Log(midpoint) / scale * math.Abs(diff))
		})
	case *qdrant.Expression_GaussDecay:
		return f.decay(e.GaussDecay, false, func(diff, midpoint, scale float64) float64 {
			return math.Exp(math.Log(midpoint) / (scale * scale) * diff * diff)
		})
	case *qdrant.Expression_LinDecay:
		return f.decay(e.LinDecay, true, func(diff, midpoint, scale float64) float64 {
			return max(0, 1-(1-midpoint)/scale*math.Abs(diff))
		})
	}
	return f.unary(src)
}

// unary compiles functions of one number.
func (f *Formula) unary(src *qdrant.Expression) (expression, error) {
	type function struct {
		of    *qdrant.Expression
		words string // for an error, around the argument
		apply func(float64) float64
	}
	var u function
	switch e := src.GetVariant().(type) {
	case *qdrant.Expression_Neg:
		u = function{e.Neg, "-%v", func(x float64) float64 { return -x }}
	case *qdrant.Expression_Abs:
		u = function{e.Abs, "|%v|", math.Abs}
	case *qdrant.Expression_Sqrt:
		u = function{e.Sqrt, "√%v", math.Sqrt}
	case *qdrant.Expression_Exp:
		u = function{e.Exp, "exp(%v)", math.Exp}
	case *qdrant.Expression_Log10:
		u = function{e.Log10, "log10(%v)", math.Log10}
	case *qdrant.Expression_Ln:
		u = function{e.Ln, "ln(%v)", math.Log}
	default:
		return nil, invalidf("formula: expression is empty or of a kind that is not known here")
	}
	of, err := f.compile(u.of)
	if err != nil {
		return nil, err
	}
	return func(p *scoredPoint) (float64, error) {
		x, err := of(p)
		if err != nil {
			return 0, err
		}
		return finiteOr(u.apply(x), u.words, x)
	}, nil
}

func finiteOr(x float64, format string, args ...any) (float64, error) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, notFinite(format, args...)
	}
	return x, nil
}

// product ends at the first factor that is zero: the others may be missing.
func (f *Formula) product(src []*qdrant.Expression) (expression, error) {
	factors, err := f.compileAll(src)
	return func(p *scoredPoint) (float64, error) {
		product := 1.0
		for _, factor := range factors {
			x, err := factor(p)
			if err != nil || x == 0 {
				return 0, err
			}
			product *= x
		}
		return product, nil
	}, err
}

func (f *Formula) sum(src []*qdrant.Expression) (expression, error) {
	terms, err := f.compileAll(src)
	return func(p *scoredPoint) (float64, error) {
		sum := 0.0
		for _, term := range terms {
			x, err := term(p)
			if err != nil {
				return 0, err
			}
			sum += x
		}
		return sum, nil
	}, err
}

func (f *Formula) compileAll(src []*qdrant.Expression) ([]expression, error) {
	out := make([]expression, len(src))
	for i, e := range src {
		var err error
		if out[i], err = f.compile(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f *Formula) quotient(src *qdrant.DivExpression) (expression, error) {
	sides, err := f.compileAll([]*qdrant.Expression{src.GetLeft(), src.GetRight()})
	return func(p *scoredPoint) (float64, error) {
		left, err := sides[0](p)
		if err != nil || left == 0 {
			return 0, err
		}
		right, err := sides[1](p)
		switch {
		case err != nil:
			return 0, err
		case right == 0 && src.ByZeroDefault != nil:
			return float64(src.GetByZeroDefault()), nil
		}
		return finiteOr(left/right, "%v/%v", left, right)
	}, err
}

func (f *Formula) power(src *qdrant.PowExpression) (expression, error) {
	sides, err := f.compileAll([]*qdrant.Expression{src.GetBase(), src.GetExponent()})
	return func(p *scoredPoint) (float64, error) {
		base, err := sides[0](p)
		if err != nil {
			return 0, err
		}
		exponent, err := sides[1](p)
		if err != nil {
			return 0, err
		}
		return finiteOr(math.Pow(base, exponent), "%v^%v", base, exponent)
	}, err
}

// decay is one of Qdrant's three: 1 at the target, midpoint at scale from it.
func (f *Formula) decay(src *qdrant.DecayParamsExpression, linear bool, curve func(diff, midpoint, scale float64) float64) (expression, error) {
	midpoint, scale := 0.5, 1.0
	if src.Midpoint != nil {
		midpoint = float64(src.GetMidpoint())
	}
	if src.Scale != nil {
		scale = float64(src.GetScale())
	}
	switch {
	case linear && !(midpoint >= 0 && midpoint <= 1):
		return nil, invalidf("Linear decay midpoint should be in the range [0.0, 1.0], got %v", midpoint)
	case !linear && !(midpoint > 0 && midpoint < 1):
		return nil, invalidf("Decay midpoint should be in the range (0.0, 1.0), got %v", midpoint)
	case !(scale > 0):
		return nil, invalidf("Scale must be non-zero positive, got %v", scale)
	}
	x, err := f.compile(src.GetX())
	target := expression(func(*scoredPoint) (float64, error) { return 0, nil })
	if err == nil && src.Target != nil {
		target, err = f.compile(src.GetTarget())
	}
	return func(p *scoredPoint) (float64, error) {
		at, err := x(p)
		if err != nil {
			return 0, err
		}
		aim, err := target(p)
		return curve(at-aim, midpoint, scale), err
	}, err
}

// condition is 1 where a filter's condition holds, else 0.
func (f *Formula) condition(src *qdrant.Condition) (expression, error) {
	holds, err := f.uses.condition(src)
	return func(p *scoredPoint) (float64, error) {
		if holds.match(p.subject) {
			return 1, nil
		}
		return 0, nil
	}, err
}

// variable is a score ("$score", "$score[2]") or a number in the payload.
func (f *Formula) variable(name string) (expression, error) {
	index, isScore, err := scoreVariable(name)
	if err != nil {
		return nil, err
	}
	if isScore {
		key := scoreKey(index)
		return func(p *scoredPoint) (float64, error) {
			if index < len(p.scores) {
				if score, there := p.scores[index][p.subject.ID]; there {
					return float64(score), nil
				}
			}
			if other := p.defaults[key]; other != nil {
				return number(other, key)
			}
			return 0, nil
		}, nil
	}
	extract, err := f.extract(name)
	return func(p *scoredPoint) (float64, error) {
		v, err := extract(p)
		if err != nil {
			return 0, err
		}
		return number(v, name)
	}, err
}

func number(v any, name string) (float64, error) {
	switch n := asFloat(v).(type) {
	case int64:
		return float64(n), nil
	case float64:
		return n, nil
	}
	return 0, invalidf("Expected number value for %s in the payload and/or in the formula defaults. Error: Value is not a number", name)
}

// extract reads the one value at a path of the payload, else its default.
func (f *Formula) extract(name string) (func(*scoredPoint) (any, error), error) {
	path, err := ParsePath(name)
	f.uses.needPayload = true
	return func(p *scoredPoint) (any, error) {
		found := path.Values(p.subject.Payload)
		if len(found) == 0 {
			switch other := p.defaults[name].(type) {
			case nil:
			case []any:
				found = other
			default:
				return other, nil
			}
		}
		switch len(found) {
		case 0:
			return nil, invalidf("No value found for %s in the payload nor the formula defaults", name)
		case 1:
			return found[0], nil
		}
		return found, nil
	}, err
}

func (f *Formula) geoDistance(src *qdrant.GeoDistance) (expression, error) {
	extract, err := f.extract(src.GetTo())
	origin := lonLat{src.GetOrigin().GetLon(), src.GetOrigin().GetLat()}
	return func(p *scoredPoint) (float64, error) {
		v, err := extract(p)
		if err != nil {
			return 0, err
		}
		if to, ok := toLonLat(v); ok {
			return geoDistance(origin, to), nil
		}
		return 0, invalidf("Expected geo point for %s in the payload and/or in the formula defaults.", src.GetTo())
	}, err
}

func (f *Formula) datetimeKey(key string) (expression, error) {
	extract, err := f.extract(key)
	return func(p *scoredPoint) (float64, error) {
		v, err := extract(p)
		if err != nil {
			return 0, err
		}
		text, _ := v.(string)
		at, ok := ParseDatetime(text)
		if !ok {
			return 0, invalidf("Expected datetime for %s in the payload and/or in the formula defaults.", key)
		}
		return unixSeconds(at), nil
	}, err
}

func unixSeconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1e6 }

// scoreVariable reads "$score" and "$score[2]"; anything else that does not
// begin so is a path.
func scoreVariable(name string) (index int, isScore bool, err error) {
	rest, isScore := strings.CutPrefix(name, "$score")
	if !isScore || rest == "" {
		return 0, isScore, nil
	}
	digits, closed := strings.CutSuffix(strings.TrimPrefix(rest, "["), "]")
	parsed, err := strconv.ParseUint(digits, 10, 31)
	if !closed || rest[0] != '[' || err != nil {
		return 0, false, invalidf("Invalid score pattern: %s", name)
	}
	return int(parsed), true, nil
}

func scoreKey(index int) string { return "$score[" + strconv.Itoa(index) + "]" }
