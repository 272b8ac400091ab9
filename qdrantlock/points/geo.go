package points

import (
	"math"

	"github.com/qdrant/go-client/qdrant"
)

// earthRadius is the mean radius in metres that Qdrant uses (IUGG).
const earthRadius = 6371008.8

type lonLat struct{ lon, lat float64 }

func geoConditions(src *qdrant.FieldCondition) (tests []func(any) bool, names []string, err error) {
	if r := src.GeoRadius; r != nil {
		centre := lonLat{r.GetCenter().GetLon(), r.GetCenter().GetLat()}
		tests, names = append(tests, onPoint(func(p lonLat) bool {
			return geoDistance(p, centre) < float64(r.GetRadius())
		})), append(names, "geo_radius")
	}
	if b := src.GeoBoundingBox; b != nil {
		tests, names = append(tests, onPoint(boxTest(b))), append(names, "geo_bounding_box")
	}
	if p := src.GeoPolygon; p != nil {
		if len(p.GetExterior().GetPoints()) == 0 {
			return nil, nil, invalidf("geo_polygon on %q has an empty exterior", src.GetKey())
		}
		tests, names = append(tests, onPoint(polygonTest(p))), append(names, "geo_polygon")
	}
	return tests, names, nil
}

// onPoint applies test to {"lon": …, "lat": …} objects of finite numbers.
func onPoint(test func(lonLat) bool) func(any) bool {
	return func(v any) bool {
		p, ok := toLonLat(v)
		return ok && test(p)
	}
}

func toLonLat(v any) (lonLat, bool) {
	object, _ := v.(map[string]any)
	lon, ok1 := finite(object["lon"])
	lat, ok2 := finite(object["lat"])
	return lonLat{lon, lat}, ok1 && ok2
}

func finite(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	return 0, false
}

// geoDistance is the haversine distance in metres.
func geoDistance(a, b lonLat) float64 {
	const rad = math.Pi / 180
	dlon, dlat := (b.lon-a.lon)*rad, (b.lat-a.lat)*rad
	h := math.Pow(math.Sin(dlat/2), 2) +
		math.Cos(a.lat*rad)*math.Cos(b.lat*rad)*math.Pow(math.Sin(dlon/2), 2)
	return 2 * earthRadius * math.Asin(math.Sqrt(math.Min(h, 1)))
}

// boxTest leaves the border out; a box whose left edge is east of its right
// one crosses the antimeridian.
func boxTest(b *qdrant.GeoBoundingBox) func(lonLat) bool {
	left, top := b.GetTopLeft().GetLon(), b.GetTopLeft().GetLat()
	right, bottom := b.GetBottomRight().GetLon(), b.GetBottomRight().GetLat()
	return func(p lonLat) bool {
		inLon := left < p.lon && p.lon < right
		if left > right {
			inLon = p.lon > left || p.lon < right
		}
		return inLon && bottom < p.lat && p.lat < top
	}
}

func polygonTest(src *qdrant.GeoPolygon) func(lonLat) bool {
	exterior := ring(src.GetExterior())
	var holes [][]lonLat
	for _, line := range src.GetInteriors() {
		if len(line.GetPoints()) > 0 {
			holes = append(holes, ring(line))
		}
	}
	return func(p lonLat) bool {
		if !inRing(p, exterior, false) {
			return false
		}
		for _, hole := range holes {
			if inRing(p, hole, true) {
				return false
			}
		}
		return true
	}
}

// ring gives the corners without the repeated last one.
func ring(line *qdrant.GeoLineString) []lonLat {
	corners := make([]lonLat, len(line.GetPoints()))
	for i, p := range line.GetPoints() {
		corners[i] = lonLat{p.GetLon(), p.GetLat()}
	}
	if last := len(corners) - 1; last > 0 && corners[0] == corners[last] {
		corners = corners[:last]
	}
	return corners
}

// inRing casts a ray; a point on the border counts as border says.
func inRing(p lonLat, corners []lonLat, border bool) bool {
	inside := false
	a := corners[len(corners)-1]
	for _, b := range corners {
		cross := p.lon*(b.lat-a.lat) + b.lon*(a.lat-p.lat) + a.lon*(p.lat-b.lat)
		if cross == 0 && (b.lat-p.lat)*(a.lat-p.lat) <= 0 && (b.lon-p.lon)*(a.lon-p.lon) <= 0 {
			return border
		}
		if (b.lon > p.lon) != (a.lon > p.lon) &&
			p.lat < (a.lat-b.lat)*(p.lon-b.lon)/(a.lon-b.lon)+b.lat {
			inside = !inside
		}
		a = b
	}
	return inside
}
