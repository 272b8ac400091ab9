package folder

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// want says which parts of a row the caller needs.
type want struct{ vectors, payload bool }

// decoder reads rows of one collection. Not for concurrent use.
type decoder struct {
	config  CollectionConfig
	machine machine
	budget  *budget // of the row at hand
}

// point decodes one row. The result shares nothing with blob.
func (d *decoder) point(blob []byte, w want) (Point, error) {
	d.budget = newBudget(len(blob))
	state, err := d.state(blob)
	if err != nil {
		return Point{}, err
	}
	rawID, _ := state.get("id")
	p := Point{}
	if p.ID, err = pointID(rawID); err != nil {
		return Point{}, err
	}
	if w.vectors {
		raw, _ := state.get("vector")
		if p.Vectors, err = d.vectors(raw); err != nil {
			return p, err
		}
	}
	if w.payload {
		raw, _ := state.get("payload")
		p.Payload, err = (&plainer{d.budget}).payload(raw)
	}
	return p, err
}

// state unpickles a PointStruct and gives its fields. Pydantic keeps them in
// __dict__, in version 1 and 2 alike; its other keys mean nothing here.
func (d *decoder) state(blob []byte) (*pyDict, error) {
	value, err := d.machine.load(blob)
	if err != nil {
		return nil, err
	}
	return fields(value, classPoint)
}

func fields(value any, class pyClass) (*pyDict, error) {
	object, ok := value.(*pyObject)
	if !ok || object.class != class || object.state == nil {
		return nil, fmt.Errorf("the row holds no point but %T", value)
	}
	inner, _ := object.state.get("__dict__")
	dict, ok := inner.(*pyDict)
	if !ok {
		return nil, fmt.Errorf("the object has no fields")
	}
	return dict, nil
}

// pointID accepts what Qdrant's API can carry.
func pointID(v any) (ID, error) {
	switch v := v.(type) {
	case int64:
		if v >= 0 {
			return ID{Num: uint64(v)}, nil
		}
		return ID{}, fmt.Errorf("id %d is negative: Qdrant's ids are integers from 0 to 2^64-1 or UUIDs", v)
	case *big.Int:
		if v.IsUint64() {
			return ID{Num: v.Uint64()}, nil
		}
		return ID{}, fmt.Errorf("id %.40s is too large: Qdrant's ids are integers from 0 to 2^64-1 or UUIDs", v.String())
	case string:
		if id, ok := canonicalUUID(v); ok {
			return ID{UUID: id}, nil
		}
		return ID{}, fmt.Errorf("id %.60q is no UUID: Qdrant's ids are integers from 0 to 2^64-1 or UUIDs", v)
	case *pyObject:
		if v.class == classUUID {
			id, err := uuidText(v)
			return ID{UUID: id}, err
		}
	}
	return ID{}, fmt.Errorf("the point has no id")
}

// vectors reads the field "vector": a list (the unnamed one) or a dict by name.
// Names that meta.json does not know are left out, as the client does.
func (d *decoder) vectors(v any) (map[string]Vector, error) {
	found := map[string]Vector{}
	switch v := v.(type) {
	case pyNone, nil:
	case *pyList:
		return found, d.vector(found, "", v)
	case *pyDict:
		for i := 0; i+1 < len(v.pairs); i += 2 {
			name, ok := v.pairs[i].(string)
			if !ok {
				return nil, fmt.Errorf("a vector's name is no string")
			}
			if err := d.vector(found, name, v.pairs[i+1]); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("the vector is %T", v)
	}
	return found, nil
}

func (d *decoder) vector(found map[string]Vector, name string, v any) error {
	if _, none := v.(pyNone); none {
		return nil
	}
	var err error
	var vec Vector
	params, dense := d.config.Vectors[name]
	if _, sparse := d.config.Sparse[name]; sparse {
		vec.Sparse, err = d.sparseVector(v)
	} else if dense {
		vec, err = d.denseVector(v, params)
	} else {
		return nil
	}
	if err != nil {
		return fmt.Errorf("vector %q: %w", name, err)
	}
	found[name] = vec
	return nil
}

// denseVector reads a list of numbers, or of lists of them if the collection's
// vector is a multivector (which then accepts a single one too).
func (d *decoder) denseVector(v any, params VectorParams) (Vector, error) {
	numbers, err := d.numbers(v)
	if err == nil {
		vec := Vector{Dense: numbers}
		if params.Multi && len(numbers) > 0 {
			vec = Vector{Multi: [][]float64{numbers}}
		}
		return vec, checkVector(vec, params)
	}
	list, ok := v.(*pyList)
	if !ok {
		return Vector{}, err
	}
	vec := Vector{}
	for _, item := range list.items {
		row, err := d.numbers(item)
		if err != nil {
			return Vector{}, err
		}
		vec.Multi = append(vec.Multi, row)
	}
	return vec, checkVector(vec, params)
}

// numbers reads a list of numbers.
func (d *decoder) numbers(v any) ([]float64, error) {
	list, ok := v.(*pyList)
	if !ok {
		return nil, fmt.Errorf("expected a list of numbers, found %T", v)
	}
	if err := d.budget.take(list.len()); err != nil {
		return nil, err
	}
	numbers, ok := list.float64s()
	if !ok {
		return nil, fmt.Errorf("expected a list of numbers, found something else in it")
	}
	return numbers, nil
}

// sparseVector reads a SparseVector object, or a dict of the same fields.
func (d *decoder) sparseVector(v any) (*Sparse, error) {
	dict, ok := v.(*pyDict)
	if !ok {
		var err error
		if dict, err = fields(v, classSparse); err != nil {
			return nil, fmt.Errorf("expected a sparse vector, found %T", v)
		}
	}
	rawIndices, _ := dict.get("indices")
	rawValues, _ := dict.get("values")
	indices, err := d.numbers(rawIndices)
	if err != nil {
		return nil, fmt.Errorf("indices: %w", err)
	}
	values, err := d.numbers(rawValues)
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	if len(indices) != len(values) {
		return nil, fmt.Errorf("%d indices but %d values", len(indices), len(values))
	}
	s := &Sparse{Indices: make([]uint32, len(indices)), Values: values}
	for i, n := range indices {
		if n < 0 || n > math.MaxUint32 || n != math.Trunc(n) {
			return nil, fmt.Errorf("index %v is not within 0 and 2^32-1", n)
		}
		s.Indices[i] = uint32(n)
	}
	s.order()
	return s, checkSparse(s)
}

// canonicalUUID reads any spelling that Python's uuid.UUID does: hyphenated,
// 32 digits, in braces, or as urn:uuid:.
func canonicalUUID(s string) (string, bool) {
	if len(s) > 64 {
		return "", false
	}
	hex := strings.NewReplacer("urn:", "", "uuid:", "").Replace(s)
	hex = strings.ToLower(strings.ReplaceAll(strings.Trim(hex, "{}"), "-", ""))
	if len(hex) != 32 {
		return "", false
	}
	for _, c := range hex {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", false
		}
	}
	return hyphenated(hex), true
}
