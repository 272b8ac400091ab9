package serve

import (
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"qgen-sidecar/qdrantlock/points"
)

// newerFields names fields that Qdrant added after the compiled API, so that a
// refusal can say what the client asked for.
var newerFields = map[protoreflect.FullName]map[protowire.Number]string{
	"qdrant.Condition":            {8: "slice"},
	"qdrant.Match":                {11: "prefix", 12: "substring"},
	"qdrant.Query":                {12: "text"},
	"qdrant.SearchParams":         {6: "idf"},
	"qdrant.Expression":           {20: "acosh", 21: "max", 22: "min"},
	"qdrant.CreateCollection":     {19: "payload", 20: "id_tracker"},
	"qdrant.CollectionParamsDiff": {6: "payload", 7: "id_tracker"},
	"qdrant.VectorParams":         {8: "memory"},
	"qdrant.VectorParamsDiff":     {4: "memory"},
	"qdrant.HnswConfigDiff":       {8: "memory"},
	"qdrant.SparseIndexConfig":    {4: "memory"},
	"qdrant.QuantizationConfig":   {4: "turboquant"},
	"qdrant.TextIndexParams":      {11: "memory", 12: "scoring", 13: "nested"},
	"qdrant.KeywordIndexParams":   {4: "prefix", 5: "memory", 6: "nested"},
}

// CheckUnknown refuses a message that holds, at any depth, a field or enum
// value that the compiled API does not have. Ignoring one would change what
// the request means: a filter that lost a condition matches too much.
func CheckUnknown(m proto.Message) error {
	return checkUnknown(m.ProtoReflect())
}

func checkUnknown(m protoreflect.Message) (err error) {
	if raw := m.GetUnknown(); len(raw) > 0 && !points.IsWholeValue(m.Interface()) {
		return unknownField(m.Descriptor().FullName(), raw)
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		err = checkField(fd, v)
		return err == nil
	})
	return err
}

func checkField(fd protoreflect.FieldDescriptor, v protoreflect.Value) (err error) {
	switch {
	case fd.IsMap():
		if fd.MapValue().Message() != nil {
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				err = checkUnknown(v.Message())
				return err == nil
			})
		}
	case fd.IsList():
		for i := 0; fd.Message() != nil && i < v.List().Len() && err == nil; i++ {
			err = checkUnknown(v.List().Get(i).Message())
		}
	case fd.Message() != nil:
		err = checkUnknown(v.Message())
	case fd.Enum() != nil && fd.Enum().Values().ByNumber(v.Enum()) == nil:
		err = status.Errorf(codes.InvalidArgument, "Wrong input: %s: value %d is not known to the API version %s spoken here", fd.FullName(), v.Enum(), Version)
	}
	return err
}

func unknownField(message protoreflect.FullName, raw []byte) error {
	number, _, n := protowire.ConsumeTag(raw)
	if n < 0 {
		return status.Errorf(codes.InvalidArgument, "Wrong input: %s holds bytes that are no field", message)
	}
	field := fmt.Sprintf("field number %d", number)
	if name, ok := newerFields[message][number]; ok {
		field = fmt.Sprintf("field %q", name)
	}
	return status.Errorf(codes.InvalidArgument, "Wrong input: %s: %s is not known to the API version %s spoken here; leave it out", message, field, Version)
}
