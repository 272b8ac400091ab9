package serve

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// configOf reads what a folder keeps of a creation request; folder.CheckNew says
// whether it may be.
func configOf(r *qdrant.CreateCollection) (folder.CollectionConfig, error) {
	cfg := folder.CollectionConfig{Vectors: map[string]folder.VectorParams{}, Sparse: map[string]folder.SparseParams{}}
	add := func(name string, p *qdrant.VectorParams) (err error) {
		cfg.Vectors[name], err = vectorParams(p)
		return err
	}
	switch c := r.GetVectorsConfig().GetConfig().(type) {
	case *qdrant.VectorsConfig_Params:
		if err := add("", c.Params); err != nil {
			return cfg, err
		}
	case *qdrant.VectorsConfig_ParamsMap:
		for name, p := range c.ParamsMap.GetMap() {
			if err := add(name, p); err != nil {
				return cfg, err
			}
		}
	}
	for name, p := range r.GetSparseVectorsConfig().GetMap() {
		var err error
		if cfg.Sparse[name], err = sparseParams(p); err != nil {
			return cfg, err
		}
	}
	if len(r.GetMetadata()) > 0 {
		cfg.Metadata = points.PlainMap(r.GetMetadata())
	}
	return cfg, nil
}

func vectorParams(p *qdrant.VectorParams) (folder.VectorParams, error) {
	out := folder.VectorParams{
		Size: int(min(p.GetSize(), math.MaxInt32)), Distance: distanceNames[p.GetDistance()], Multi: p.GetMultivectorConfig() != nil,
	}
	var err error
	out.Extra, err = asREST(p.ProtoReflect(), "hnsw_config", "quantization_config", "on_disk", "datatype")
	return out, err
}

var distanceNames = map[qdrant.Distance]string{
	qdrant.Distance_Cosine: "Cosine", qdrant.Distance_Dot: "Dot",
	qdrant.Distance_Euclid: "Euclid", qdrant.Distance_Manhattan: "Manhattan",
}

func sparseParams(p *qdrant.SparseVectorParams) (out folder.SparseParams, err error) {
	out.Extra, err = asREST(p.ProtoReflect(), "index")
	if p.GetModifier() == qdrant.Modifier_Idf {
		out.Modifier = "idf"
	}
	return out, err
}

// asREST writes the set fields of a message (only the named ones, if any) in
// REST's JSON shape, which meta.json has; nil when none is set. Python refuses
// a whole folder for one key or value that it does not know there, so every
// enum goes through restEnum.
func asREST(m protoreflect.Message, only ...string) (out map[string]any, err error) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		name := string(fd.Name())
		absent := fd.HasPresence() && !m.Has(fd)
		if absent || fd.IsList() || fd.IsMap() || len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		value, err := restValue(fd, m.Get(fd))
		if err != nil {
			return nil, err
		}
		if value == nil {
			continue
		}
		if out == nil {
			out = map[string]any{}
		}
		out[name] = value
	}
	return out, nil
}

func restValue(fd protoreflect.FieldDescriptor, v protoreflect.Value) (any, error) {
	switch {
	case fd.Message() != nil && fd.Message().FullName() == queryEncoding:
		return restValue(fd.Message().Fields().ByName("setting"), v.Message().Get(fd.Message().Fields().ByName("setting")))
	case fd.Message() != nil:
		inner, err := asREST(v.Message())
		if inner == nil {
			inner = map[string]any{}
		}
		return inner, err
	case fd.Enum() != nil:
		return restEnum(fd, v.Enum())
	}
	switch x := v.Interface().(type) {
	case uint64:
		return int64(x), nil
	case uint32:
		return int64(x), nil
	case float32:
		return float64(x), nil
	default:
		return x, nil
	}
}

// queryEncoding is a message on the wire and a plain string in REST.
const queryEncoding = "qdrant.BinaryQuantizationQueryEncoding"

// restEnum is a value's name in REST; nil for "default" datatypes, which REST
// leaves out.
func restEnum(fd protoreflect.FieldDescriptor, n protoreflect.EnumNumber) (any, error) {
	switch value := fd.Enum().Values().ByNumber(n); value.FullName() {
	case "qdrant.Default":
		return nil, nil
	case "qdrant.UnknownQuantization":
		return nil, invalid("quantization_config.scalar.type: expected Int8, found nothing")
	default:
		if fd.Enum().Parent().FullName() == queryEncoding {
			return strings.ToLower(string(value.Name())), nil
		}
		return snake(string(value.Name())), nil
	}
}

// snake makes `one_and_half_bits` of `OneAndHalfBits`.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// describe is a collection's info; the numbers of indexes and optimisers are
// those that Python's local mode reports.
func describe(cfg folder.CollectionConfig, count uint64) *qdrant.CollectionInfo {
	params := &qdrant.CollectionParams{ShardNumber: 1}
	if p, ok := cfg.Vectors[""]; ok && len(cfg.Vectors) == 1 {
		params.VectorsConfig = qdrant.NewVectorsConfig(describeVector(p))
	} else if len(cfg.Vectors) > 0 {
		named := map[string]*qdrant.VectorParams{}
		for name, p := range cfg.Vectors {
			named[name] = describeVector(p)
		}
		params.VectorsConfig = qdrant.NewVectorsConfigMap(named)
	}
	for name, p := range cfg.Sparse {
		if params.SparseVectorsConfig == nil {
			params.SparseVectorsConfig = &qdrant.SparseVectorConfig{Map: map[string]*qdrant.SparseVectorParams{}}
		}
		params.SparseVectorsConfig.Map[name] = describeSparse(p)
	}
	return &qdrant.CollectionInfo{
		Status: qdrant.CollectionStatus_Green, OptimizerStatus: &qdrant.OptimizerStatus{Ok: true},
		SegmentsCount: 1, PointsCount: &count, IndexedVectorsCount: qdrant.PtrOf(uint64(0)),
		Config: &qdrant.CollectionConfig{
			Params: params, Metadata: toValues(cfg.Metadata),
			HnswConfig: &qdrant.HnswConfigDiff{M: qdrant.PtrOf(uint64(16)), EfConstruct: qdrant.PtrOf(uint64(100)), FullScanThreshold: qdrant.PtrOf(uint64(10000))},
			WalConfig:  &qdrant.WalConfigDiff{WalCapacityMb: qdrant.PtrOf(uint64(32)), WalSegmentsAhead: qdrant.PtrOf(uint64(0))},
			OptimizerConfig: &qdrant.OptimizersConfigDiff{
				DeletedThreshold: qdrant.PtrOf(0.2), VacuumMinVectorNumber: qdrant.PtrOf(uint64(1000)),
				DefaultSegmentNumber: qdrant.PtrOf(uint64(0)), IndexingThreshold: qdrant.PtrOf(uint64(20000)),
				FlushIntervalSec: qdrant.PtrOf(uint64(5)), DeprecatedMaxOptimizationThreads: qdrant.PtrOf(uint64(1)),
			},
		},
	}
}

func describeVector(p folder.VectorParams) *qdrant.VectorParams {
	out := &qdrant.VectorParams{Size: uint64(p.Size)}
	for distance, name := range distanceNames {
		if name == p.Distance {
			out.Distance = distance
		}
	}
	if p.Multi {
		out.MultivectorConfig = &qdrant.MultiVectorConfig{Comparator: qdrant.MultiVectorComparator_MaxSim}
	}
	fromREST(out, p.Extra)
	return out
}

func describeSparse(p folder.SparseParams) *qdrant.SparseVectorParams {
	out := &qdrant.SparseVectorParams{}
	if p.Modifier == "idf" {
		out.Modifier = qdrant.Modifier_Idf.Enum()
	}
	fromREST(out, p.Extra)
	return out
}

// fromREST sets the fields of a message from REST's JSON shape; what the
// message does not have (a newer client's keys) is left out.
func fromREST(m proto.Message, values map[string]any) {
	fill(m.ProtoReflect(), values)
}

func fill(m protoreflect.Message, values map[string]any) {
	for name, v := range values {
		fd := m.Descriptor().Fields().ByName(protoreflect.Name(name))
		if fd == nil || v == nil || fd.IsList() || fd.IsMap() {
			continue
		}
		if fd.Message() != nil {
			inner, ok := v.(map[string]any)
			if fd.Message().FullName() == queryEncoding {
				inner, ok = map[string]any{"setting": v}, true
			}
			if ok {
				fill(m.Mutable(fd).Message(), inner)
			}
			continue
		}
		if value, ok := protoValue(fd, v); ok {
			m.Set(fd, value)
		}
	}
}

func protoValue(fd protoreflect.FieldDescriptor, v any) (protoreflect.Value, bool) {
	switch fd.Kind() {
	case protoreflect.EnumKind:
		for i := range fd.Enum().Values().Len() {
			number := fd.Enum().Values().Get(i).Number()
			if name, err := restEnum(fd, number); err == nil && name == v {
				return protoreflect.ValueOfEnum(number), true
			}
		}
	case protoreflect.BoolKind:
		b, ok := v.(bool)
		return protoreflect.ValueOfBool(b), ok
	}
	var number float64
	switch n := v.(type) {
	case int64:
		number = float64(n)
	case float64:
		number = n
	default:
		return protoreflect.Value{}, false
	}
	switch fd.Kind() {
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(uint64(number)), true
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(uint32(number)), true
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(number)), true
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(number), true
	}
	return protoreflect.Value{}, false
}
