package serve

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"qgen-sidecar/qdrantlock/folder"
	"qgen-sidecar/qdrantlock/points"
)

// toStatus maps every error to Qdrant's code for it, once.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	var refusal *points.Error
	switch {
	case errors.As(err, &refusal):
		return status.Error(kindCode[refusal.Kind], refusal.Text)
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, err.Error())
	case errors.Is(err, folder.ErrNoCollection):
		return status.Error(codes.NotFound, "Not found: "+err.Error())
	case errors.Is(err, folder.ErrExists):
		return status.Error(codes.AlreadyExists, "Wrong input: "+err.Error())
	}
	return status.Error(codes.Internal, "Service internal error: "+err.Error())
}

var kindCode = map[points.Kind]codes.Code{
	points.Invalid:     codes.InvalidArgument,
	points.NotFound:    codes.NotFound,
	points.Unsupported: codes.Unimplemented,
}

func invalid(text string) error { return status.Error(codes.InvalidArgument, "Wrong input: "+text) }

func invalidf(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, "Wrong input: "+format, args...)
}

func unsupportedf(format string, args ...any) error {
	return status.Errorf(codes.Unimplemented, format, args...)
}

func noCollection(name string) error {
	return status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", name)
}
