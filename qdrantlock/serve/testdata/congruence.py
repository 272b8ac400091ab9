"""Differential test: one client on a shared folder, one in local mode.

Random operations, seeded, go through qdrant-client's local mode (":memory:") and
through the same client over gRPC on the share. Every answer must be equal: scores
to 1e-5, ties in any order. Ends with status 1 and the operation that differed.

    congruence.py run PORT SEED COUNT STATE    (the API key is in QGEN_PEER_KEY)
    congruence.py reopen FOLDER STATE          compares the folder, opened by Python, with the end of run
"""

import json
import math
import os
import random
import sys
import uuid
import warnings

warnings.filterwarnings("ignore")

import grpc
from qdrant_client import QdrantClient, models

DIMS = {"cos": {"": 4}, "man": {"": 3}, "mix": {"d": 3, "m": 2, "s": None}}
WORDS = ["red", "fox", "Straße", "日本", "ΟΔΟΣ", "naïve", "red fox", "a b c", ""]
KEYS = ["a", "b", "tags", "n", "when", "geo", "rows", "odd key", "flag"]
PATHS = ["a", "b", "tags", "n.x", "n.y.z", "tags[]", "rows[].k", "rows[0].v", "rows", "when", '"odd key"', "flag", "n", "zz"]
DATES = ["2024-01-02T03:04:05Z", "2024-01-02 03:04:05+02:00", "2024-06-01", "2023-12-31T23:59:59.123456", "not a date"]
TOLERANCE = 1e-5
REFUSALS = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def id(self):
        n = self.r.randrange(40)
        return n if self.r.random() < 0.6 else str(uuid.UUID(int=0xABC0000000000000 + n))

    def ids(self):
        return [self.id() for _ in range(self.r.randint(1, 4))]

    def number(self):
        return round(self.r.uniform(-1, 1), 4)

    def scalar(self):
        r = self.r
        return r.choice([
            None, True, False, r.randint(-3, 5), float(r.randint(-2, 3)), round(r.uniform(-5, 5), 3),
            r.choice(WORDS), r.choice(DATES), 2**53 + r.randint(0, 3),
        ])

    def value(self, depth=0):
        k = self.r.random()
        if depth > 2 or k < 0.55:
            return self.scalar()
        if k < 0.75:
            return [self.value(depth + 1) for _ in range(self.r.randint(0, 3))]
        return {self.r.choice(["x", "y", "z", "k", "v"]): self.value(depth + 1) for _ in range(self.r.randint(0, 3))}

    def payload(self):
        out = {}
        for _ in range(self.r.randint(0, 5)):
            key = self.r.choice(KEYS)
            if key == "geo":
                out[key] = {"lon": self.r.uniform(-180, 180), "lat": self.r.uniform(-90, 90)}
            elif key == "rows":
                out[key] = [{"k": self.r.choice(WORDS), "v": self.r.randint(0, 3)} for _ in range(self.r.randint(0, 3))]
            elif key == "when":
                out[key] = self.r.choice(DATES)
            else:
                out[key] = self.value()
        return out

    def vector(self, collection, name):
        size = DIMS[collection][name]
        if name == "s":
            indices = self.r.sample(range(12), self.r.randint(0, 5))
            return models.SparseVector(indices=indices, values=[self.number() for _ in indices])
        if name == "m":
            return [[self.number() for _ in range(size)] for _ in range(self.r.randint(1, 3))]
        return [self.number() for _ in range(size)]

    def vectors(self, collection):
        names = list(DIMS[collection])
        if names == [""]:
            return self.vector(collection, "")
        return {n: self.vector(collection, n) for n in names if self.r.random() < 0.8}

    def point(self, collection):
        return models.PointStruct(id=self.id(), vector=self.vectors(collection), payload=self.payload())

    def match(self):
        r = self.r
        return r.choice([
            lambda: models.MatchValue(value=r.choice([True, 1, 2, "red", "日本", 0, False])),
            lambda: models.MatchAny(any=r.choice([["red", "fox"], [1, 2, 3], []])),
            lambda: models.MatchExcept(**{"except": r.choice([["red"], [1, 0]])}),
            lambda: models.MatchText(text=r.choice(WORDS)),
            lambda: models.MatchTextAny(text_any=r.choice(WORDS)),
            lambda: models.MatchPhrase(phrase=r.choice(WORDS)),
        ])()

    def bounds(self, make):
        keys = self.r.sample(["lt", "lte", "gt", "gte"], self.r.randint(1, 2))
        return {k: make() for k in keys}

    def field(self):
        r, key = self.r, self.r.choice(PATHS)
        point = lambda: models.GeoPoint(lon=r.uniform(-180, 180), lat=r.uniform(-85, 85))
        kind = r.randrange(9)
        if kind < 3:
            return models.FieldCondition(key=key, match=self.match())
        if kind == 3:
            return models.FieldCondition(key=key, range=models.Range(**self.bounds(lambda: r.choice([-1, 0, 1.5, 2, 2**53]))))
        if kind == 4:
            dates = DATES[:2] + ["2024-06-01T00:00:00Z"]
            return models.FieldCondition(key="when", range=models.DatetimeRange(**self.bounds(lambda: r.choice(dates))))
        if kind == 5:
            return models.FieldCondition(key=key, values_count=models.ValuesCount(**self.bounds(lambda: r.randint(0, 3))))
        if kind == 6:
            return models.FieldCondition(key="geo", geo_radius=models.GeoRadius(center=point(), radius=float(r.randrange(1, 9) * 1000000)))
        if kind == 7:
            a, b = point(), point()
            top = models.GeoPoint(lon=a.lon, lat=max(a.lat, b.lat))
            return models.FieldCondition(key="geo", geo_bounding_box=models.GeoBoundingBox(
                top_left=top, bottom_right=models.GeoPoint(lon=b.lon, lat=min(a.lat, b.lat))))
        ring = [point() for _ in range(3)]
        return models.FieldCondition(key="geo", geo_polygon=models.GeoPolygon(exterior=models.GeoLineString(points=ring + ring[:1])))

    def condition(self, depth):
        r, k = self.r, self.r.random()
        if depth < 2 and k < 0.2:
            return self.filter(depth + 1)
        if k < 0.3:
            return models.HasIdCondition(has_id=self.ids())
        if k < 0.38:
            return models.IsEmptyCondition(is_empty=models.PayloadField(key=r.choice(PATHS)))
        if k < 0.46:
            return models.IsNullCondition(is_null=models.PayloadField(key=r.choice(PATHS)))
        if k < 0.52:
            return models.HasVectorCondition(has_vector=r.choice(["", "d", "m", "s"]))
        if k < 0.6:
            inner = models.Filter(must=[
                models.FieldCondition(key="k", match=self.match()),
                models.FieldCondition(key="v", range=models.Range(gte=r.randint(0, 2))),
            ][: r.randint(1, 2)])
            return models.NestedCondition(nested=models.Nested(key=r.choice(["rows", "rows[]", "a", "n"]), filter=inner))
        return self.field()

    def conditions(self, depth):
        return [self.condition(depth) for _ in range(self.r.randint(0, 2))]

    def filter(self, depth=0):
        r = self.r
        out = models.Filter()
        if r.random() < 0.6:
            out.must = self.conditions(depth)
        if r.random() < 0.3:
            out.must_not = self.conditions(depth)
        if r.random() < 0.5:
            out.should = self.conditions(depth)
        if r.random() < 0.15:
            out.min_should = models.MinShould(conditions=self.conditions(depth), min_count=r.randint(1, 2))
        return out

    def maybe_filter(self):
        return self.filter() if self.r.random() < 0.6 else None

    def selector(self):
        if self.r.random() < 0.6:
            return self.ids()
        return models.FilterSelector(filter=self.filter())

    def with_payload(self):
        r = self.r
        return r.choice([
            True, True, False, r.sample(PATHS, 2),
            models.PayloadSelectorInclude(include=r.sample(PATHS, 2)), models.PayloadSelectorExclude(exclude=r.sample(PATHS, 2)),
        ])

    def with_vectors(self, collection):
        return self.r.choice([False, True, [self.r.choice(list(DIMS[collection]))]])

    def using(self, collection):
        return self.r.choice(list(DIMS[collection])) or None

    def example(self, collection, using):
        return self.id() if self.r.random() < 0.4 else self.vector(collection, using or "")

    def query(self, collection, using):
        r = self.r
        pair = lambda: models.ContextPair(positive=self.example(collection, using), negative=self.example(collection, using))
        return r.choice([
            lambda: None,
            lambda: self.example(collection, using),
            lambda: self.example(collection, using),
            lambda: models.RecommendQuery(recommend=models.RecommendInput(
                positive=[self.example(collection, using) for _ in range(r.randint(1, 2))],
                negative=[self.example(collection, using) for _ in range(r.randint(0, 2))],
                strategy=r.choice(list(models.RecommendStrategy)))),
            lambda: models.DiscoverQuery(discover=models.DiscoverInput(target=self.example(collection, using), context=[pair()])),
            lambda: models.ContextQuery(context=[pair()]),
            lambda: models.NearestQuery(nearest=self.example(collection, using), mmr=models.Mmr(
                diversity=r.choice([None, 0.0, 0.3]), candidates_limit=r.choice([None, 20, 100]))),
            lambda: models.OrderByQuery(order_by=models.OrderBy(key=r.choice(PATHS), direction=r.choice(list(models.Direction)))),
        ])()


    def expression(self, depth=0):
        """A formula; constants that 32 bits hold exactly."""
        r, more = self.r, lambda: self.expression(depth + 1)
        leaf = [
            lambda: r.choice([0.0, 0.25, 0.5, 1.0, -1.5, 3.0]),
            lambda: r.choice(["$score", "$score", "$score[0]", "$score[1]", "$score[7]"]),
            lambda: r.choice(["a", "n.x", "b", "rows[].v", "zz"]),
            lambda: self.field(),
            lambda: models.DatetimeKeyExpression(datetime_key="when"),
            lambda: models.GeoDistance(geo_distance=models.GeoDistanceParams(origin=models.GeoPoint(lon=1.0, lat=2.0), to="geo")),
        ]
        decay = lambda: models.DecayParamsExpression(
            x=more(), target=r.choice([None, 0.5]), scale=r.choice([None, 2.0]), midpoint=r.choice([None, 0.25]))
        inner = [
            lambda: models.SumExpression(sum=[more() for _ in range(r.randint(0, 3))]),
            lambda: models.MultExpression(mult=[more() for _ in range(r.randint(0, 3))]),
            lambda: models.NegExpression(neg=more()),
            lambda: models.AbsExpression(abs=more()),
            lambda: models.DivExpression(div=models.DivParams(left=more(), right=r.choice([0.0, 2.0, "a"]), by_zero_default=r.choice([None, 1.0]))),
            lambda: models.SqrtExpression(sqrt=models.AbsExpression(abs=more())),
            lambda: models.PowExpression(pow=models.PowParams(base=more(), exponent=r.choice([0.0, 1.0, 2.0, 0.5]))),
            lambda: models.LinDecayExpression(lin_decay=decay()),
            lambda: models.GaussDecayExpression(gauss_decay=decay()),
            lambda: models.ExpDecayExpression(exp_decay=decay()),
        ]
        return r.choice(leaf if depth > 2 or r.random() < 0.3 else inner)()

    def defaults(self):
        r = self.r
        every = {
            "a": 2, "b": 0.5, "n.x": r.choice([1, [4.5]]), "rows[].v": 3, "zz": r.choice([0.25, [], "text"]), "$score[7]": 0.75,
            "when": "2024-06-01T00:00:00Z", "geo": {"lon": 3.0, "lat": 4.0},
        }
        return {key: value for key, value in every.items() if r.random() < 0.9}


def operations(g):
    """One random operation: a description and a function of a client."""
    r = g.r
    c = r.choice(list(DIMS))
    using = g.using(c)
    kind = r.choice(WEIGHTED)
    if kind == "upsert":
        args = {"points": [g.point(c) for _ in range(r.randint(1, 6))]}
        if r.random() < 0.2:
            args["update_mode"] = r.choice(list(models.UpdateMode))
        if r.random() < 0.1:
            args["update_filter"] = g.filter()
        return kind, c, args, lambda q: q.upsert(c, **args)
    if kind == "bad upsert":
        args = {"points": [g.point(c), models.PointStruct(id=1, vector=[1.0] * 7, payload={})]}
        return kind, c, args, lambda q: q.upsert(c, **args)
    if kind == "delete":
        args = {"points_selector": g.selector()}
        return kind, c, args, lambda q: q.delete(c, **args)
    if kind == "set_payload":
        args = {"payload": g.payload(), "points": g.selector()}
        if r.random() < 0.4:
            args["key"] = r.choice(PATHS)
        return kind, c, args, lambda q: q.set_payload(c, **args)
    if kind == "overwrite_payload":
        args = {"payload": g.payload(), "points": g.selector()}
        return kind, c, args, lambda q: q.overwrite_payload(c, **args)
    if kind == "delete_payload":
        args = {"keys": r.sample(PATHS, r.randint(1, 2)), "points": g.selector()}
        return kind, c, args, lambda q: q.delete_payload(c, **args)
    if kind == "clear_payload":
        args = {"points_selector": g.selector()}
        return kind, c, args, lambda q: q.clear_payload(c, **args)
    if kind == "update_vectors":
        args = {"points": [models.PointVectors(id=g.id(), vector=g.vectors(c)) for _ in range(r.randint(1, 3))]}
        return kind, c, args, lambda q: q.update_vectors(c, **args)
    if kind == "delete_vectors":
        args = {"vectors": [using or ""], "points": g.selector()}
        return kind, c, args, lambda q: q.delete_vectors(c, **args)
    if kind == "batch":
        args = {"update_operations": [
            models.UpsertOperation(upsert=models.PointsList(points=[g.point(c)])),
            models.SetPayloadOperation(set_payload=models.SetPayload(payload=g.payload(), filter=g.filter())),
            models.DeleteOperation(delete=models.PointIdsList(points=g.ids())),
        ]}
        return kind, c, args, lambda q: q.batch_update_points(c, **args)
    if kind == "retrieve":
        args = {"ids": g.ids(), "with_payload": g.with_payload(), "with_vectors": g.with_vectors(c)}
        return kind, c, args, lambda q: q.retrieve(c, **args)
    if kind == "scroll":
        args = {"scroll_filter": g.maybe_filter(), "limit": r.choice([1, 3, 10, 100]), "with_payload": g.with_payload(), "with_vectors": g.with_vectors(c)}
        if r.random() < 0.4:
            args["offset"] = g.id()
        return kind, c, args, lambda q: q.scroll(c, **args)
    if kind == "scroll by":
        order = models.OrderBy(key=r.choice(PATHS), direction=r.choice(list(models.Direction)))
        if r.random() < 0.4:
            order.start_from = r.choice([0, 1, 1.5])
        args = {"scroll_filter": g.maybe_filter(), "limit": r.choice([3, 100]), "order_by": order, "with_payload": True}
        return kind, c, args, lambda q: q.scroll(c, **args)
    if kind == "count":
        args = {"count_filter": g.maybe_filter()}
        return kind, c, args, lambda q: q.count(c, **args)
    if kind == "facet":
        args = {"key": r.choice(PATHS), "facet_filter": g.maybe_filter(), "limit": 20}
        return kind, c, args, lambda q: q.facet(c, **args)
    if kind == "fusion":
        prefetch = []
        for _ in range(r.randint(1, 2)):
            u = g.using(c)
            prefetch.append(models.Prefetch(query=g.vector(c, u or ""), using=u, limit=100, filter=g.maybe_filter()))
        query = models.FusionQuery(fusion=models.Fusion.RRF if len(prefetch) == 1 else models.Fusion.DBSF)
        args = {"prefetch": prefetch, "query": query, "query_filter": g.maybe_filter(), "limit": 100}
        return kind, c, args, lambda q: q.query_points(c, **args)
    if kind == "formula":
        prefetch = []
        for _ in range(r.randint(1, 2)):
            u = g.using(c)
            prefetch.append(models.Prefetch(query=g.vector(c, u or ""), using=u, limit=100, filter=g.maybe_filter()))
        query = models.FormulaQuery(formula=g.expression(), defaults=g.defaults())
        args = {"prefetch": prefetch, "query": query, "limit": r.choice([5, 100]), "with_payload": g.with_payload()}
        return kind, c, args, lambda q: q.query_points(c, **args)
    if kind == "feedback":
        using = "d" if c == "mix" else None  # local mode compares dense vectors only
        item = lambda: models.FeedbackItem(example=g.example(c, using), score=r.choice([0.0, 0.25, 0.5, 1.0]))
        query = models.RelevanceFeedbackQuery(relevance_feedback=models.RelevanceFeedbackInput(
            target=g.example(c, using), feedback=[item() for _ in range(r.randint(0, 3))],
            strategy=models.NaiveFeedbackStrategy(naive=models.NaiveFeedbackStrategyParams(a=0.5, b=0.25, c=1.0))))
        args = {"query": query, "using": using, "query_filter": g.maybe_filter(), "limit": r.choice([5, 100])}
        return kind, c, args, lambda q: q.query_points(c, **args)
    if kind == "groups":
        args = {"query": g.example(c, using), "using": using, "group_by": r.choice(PATHS), "limit": r.choice([2, 100]), "group_size": 100,
                "query_filter": g.maybe_filter(), "with_payload": g.with_payload()}
        return kind, c, args, lambda q: q.query_points_groups(c, **args)
    if kind == "matrix":
        args = {"using": using, "sample": 1000, "limit": 50, "query_filter": g.maybe_filter()}
        return kind, c, args, lambda q: q.search_matrix_pairs(c, **args)
    if kind == "rescore":
        prefetch = models.Prefetch(query=g.vector(c, using or ""), using=using, limit=100, filter=g.maybe_filter())
        args = {"prefetch": prefetch, "query": g.vector(c, using or ""), "using": using, "limit": 5, "query_filter": g.maybe_filter()}
        return kind, c, args, lambda q: q.query_points(c, **args)
    query = g.query(c, using)
    args = {"query": query, "using": using, "query_filter": g.maybe_filter(), "limit": r.choice([1, 5, 100]),
                "with_payload": g.with_payload(), "with_vectors": g.with_vectors(c)}
    if r.random() < 0.2:
        args["offset"] = r.randint(0, 3)
    if r.random() < 0.2 and not isinstance(query, (models.RecommendQuery, models.DiscoverQuery, models.ContextQuery)):
        args["score_threshold"] = r.uniform(-0.5, 2)
    return "query", c, args, lambda q: q.query_points(c, **args)


WEIGHTED = (
    ["upsert"] * 8 + ["query"] * 10 + ["scroll"] * 8 + ["count"] * 4 + ["retrieve"] * 3 + ["scroll by"] * 2
    + ["delete", "set_payload", "set_payload", "overwrite_payload", "delete_payload", "clear_payload", "update_vectors"]
    + ["delete_vectors", "batch", "bad upsert", "facet", "fusion", "rescore", "groups", "matrix"]
    + ["formula"] * 3 + ["feedback"] * 2
)


def close(a, b):
    if isinstance(a, bool) or isinstance(b, bool) or type(a) is not type(b):
        return type(a) is type(b) and a == b
    if isinstance(a, float):
        return a == b or math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(close(x, y) for x, y in zip(a, b))
    return a == b


def plain(x):
    if isinstance(x, list):
        return [plain(y) for y in x]
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if hasattr(x, "model_dump"):
        return plain(x.model_dump())
    return x


def point(p):
    out = plain(p)
    out["payload"] = out.get("payload") or {}  # the gRPC client reads "no payload" as {}
    out["vector"] = out.get("vector") or {}
    for key in ("score", "order_value", "version", "shard_key"):
        out.pop(key, None)
    return out


def same_page(a, b, values):
    """Equal values in order; equal points, but for ties at the cut."""
    va, vb = [values(p) for p in a], [values(p) for p in b]
    if len(va) != len(vb) or not all(close(float(x), float(y)) for x, y in zip(va, vb)):
        return f"values {va} != {vb}"
    pa, pb = {str(p.id): point(p) for p in a}, {str(p.id): point(p) for p in b}
    for key in set(pa) ^ set(pb):
        value = values(next(p for p in list(a) + list(b) if str(p.id) == key))
        if not (math.isclose(value, va[0], abs_tol=2e-5) or math.isclose(value, va[-1], abs_tol=2e-5)):
            return f"point {key} only on one side"
    for key in set(pa) & set(pb):
        if not close(pa[key], pb[key]):
            return f"point {key}: {pa[key]} != {pb[key]}"
    return None


def difference(kind, a, b):
    if kind in ("query", "fusion", "rescore", "formula", "feedback"):
        if a.points and a.points[0].order_value is not None:
            return same_page(a.points, b.points, lambda p: p.order_value)
        return same_page(a.points, b.points, lambda p: p.score)
    if kind == "groups":
        x, y = ([(g.id, sorted(g.hits, key=lambda p: str(p.id))) for g in r.groups] for r in (a, b))
        if len(x) != len(y):
            return f"{x} != {y}"
        x, y = dict(x), dict(y)
        for key in x.keys() & y.keys():  # ties may bring either group in at the cut
            d = same_page(sorted(x[key], key=lambda p: p.score), sorted(y[key], key=lambda p: p.score), lambda p: p.score)
            if d:
                return f"group {key}: {d}"
        return None
    if kind == "matrix":
        x, y = ({(str(p.a), str(p.b)): p.score for p in r.pairs} for r in (a, b))
        return None if close(x, y) else f"{x} != {y}"
    if kind == "scroll by":
        return same_page(a[0], b[0], lambda p: p.order_value) or (None if a[1] == b[1] else f"next {a[1]} != {b[1]}")
    if kind == "scroll":
        x, y = [point(p) for p in a[0]], [point(p) for p in b[0]]
        return None if close(x, y) and a[1] == b[1] else f"{x}, next {a[1]} != {y}, next {b[1]}"
    if kind == "retrieve":
        x, y = [point(p) for p in a], [point(p) for p in b]
        return None if close(x, y) else f"{x} != {y}"
    if kind in ("count", "facet"):
        return None if plain(a) == plain(b) else f"{plain(a)} != {plain(b)}"
    x, y = ([u.status for u in (r if isinstance(r, list) else [r])] for r in (a, b))
    return None if x == y else f"status {x} != {y}"


def l1(a, b):
    return sum(abs(x - y) for x, y in zip(a, b))


def is_mmr_by_l1(collection, args):
    query = args.get("query")
    return collection == "man" and isinstance(query, models.NearestQuery) and query.mmr is not None


def not_greedy(local, remote, args):
    """Is an order by MMR, which differs from local mode's, as good a one?

    Under Manhattan many candidates tie: whoever lies between the query and a picked
    point in every coordinate has the same margin. Rounding then decides the pick, and
    with it all later ones. So each pick is held to the best of its turn.
    """
    mmr, offset = args["query"].mmr, args.get("offset") or 0
    among = mmr.candidates_limit if mmr.candidates_limit is not None else args["limit"]
    weight = 0.5 if mmr.diversity is None else mmr.diversity
    whole = {"using": args["using"], "query_filter": args["query_filter"], "with_vectors": True}
    query = models.NearestQuery(nearest=args["query"].nearest, mmr=models.Mmr(diversity=weight, candidates_limit=among))
    picked = remote.query_points("man", query=query, limit=args["limit"] + offset, **whole).points
    pool = {p.id: p for p in local.query_points("man", query=args["query"].nearest, limit=among, **whole).points}
    taken = []
    for p in picked:
        margin = {
            id: -(1 - weight) * c.score - weight * max(-l1(c.vector, t.vector) for t in taken) if taken else -c.score
            for id, c in pool.items()
        }
        if p.id not in pool or margin[p.id] < max(margin.values()) - 2 * TOLERANCE:
            return f"pick {len(taken)} of {[q.id for q in picked]} is not the best of its turn: {margin}"
        taken.append(pool.pop(p.id))
    return None


def attempt(fn, client):
    try:
        return fn(client), None
    except Exception as e:  # noqa: BLE001 - any refusal: both sides must have one
        return None, e


def set_up(client):
    client.create_collection("cos", vectors_config=models.VectorParams(size=4, distance=models.Distance.COSINE))
    client.create_collection("man", vectors_config=models.VectorParams(
        size=3, distance=models.Distance.MANHATTAN,
        quantization_config=models.BinaryQuantization(binary=models.BinaryQuantizationConfig(
            always_ram=True, encoding="one_and_half_bits", query_encoding="scalar4bits")),
    ))
    client.create_collection(
        "mix",
        vectors_config={
            "d": models.VectorParams(
                size=3, distance=models.Distance.EUCLID, hnsw_config=models.HnswConfigDiff(m=8), on_disk=True, datatype="float16",
                quantization_config=models.ScalarQuantization(scalar=models.ScalarQuantizationConfig(type="int8", quantile=0.5)),
            ),
            "m": models.VectorParams(
                size=2, distance=models.Distance.DOT, multivector_config=models.MultiVectorConfig(comparator="max_sim"),
                quantization_config=models.ProductQuantization(product=models.ProductQuantizationConfig(compression="x4")),
            ),
        },
        metadata={"made": "by hand", "n": [1, None, 2.5]},
        sparse_vectors_config={"s": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )


def fixed(client):
    """The calls about collections, as one comparable answer."""
    out = []
    client.update_collection_aliases([models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name="cos", alias_name="al"))])
    out += [client.collection_exists("al"), client.collection_exists("nope"), client.count("al").count]
    out += [sorted(c.name for c in client.get_collections().collections)]
    out += [[(a.alias_name, a.collection_name) for a in client.get_aliases().aliases]]
    out += [[(a.alias_name, a.collection_name) for a in client.get_collection_aliases("cos").aliases]]
    client.create_payload_index("cos", "a", models.PayloadSchemaType.KEYWORD)
    client.delete_payload_index("cos", "a")
    for name in DIMS:
        info = client.get_collection(name)
        out += [info.status, info.points_count, info.config.params.vectors, info.config.params.sparse_vectors, info.config.metadata or {}]
    client.create_collection("gone", vectors_config=models.VectorParams(size=1, distance=models.Distance.DOT))
    out += [client.delete_collection("gone"), client.collection_exists("gone"), client.delete_collection("gone")]
    client.update_collection_aliases([models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name="al"))])
    return [json.dumps(plain(x), default=str, sort_keys=True) for x in out]


def fail(text):
    sys.stderr.write(text + "\n")
    raise SystemExit(1)


def everything(client):
    return {
        c: [point(p) for p in client.scroll(c, limit=10000, with_payload=True, with_vectors=True)[0]]
        for c in DIMS
    }


def run(port, seed, count, state):
    local = QdrantClient(":memory:")
    remote = QdrantClient(host="127.0.0.1", grpc_port=port, prefer_grpc=True, https=False,
                          api_key=os.environ["QGEN_PEER_KEY"], check_compatibility=False)
    for client in (local, remote):
        set_up(client)
    g = Generator(seed)
    done = {}
    for step in range(count):
        kind, collection, args, fn = operations(g)
        (a, ea), (b, eb) = attempt(fn, local), attempt(fn, remote)
        what = f"seed {seed}, step {step}, {kind} on {collection}: {args}"
        if isinstance(ea, TypeError) and kind == "query":
            continue  # numpy stumbles over local mode's empty arrays: nothing to compare with
        unfit = isinstance(eb, grpc.RpcError) and eb.code() not in REFUSALS
        if (ea is None) != (eb is None) or unfit:
            fail(f"{what}\nlocal mode: {ea!r}\nshare: {eb!r}")
        if ea is None:
            d = difference(kind, a, b)
            if d and is_mmr_by_l1(collection, args):
                d = not_greedy(local, remote, args)
            if d:
                fail(f"{what}\nlocal mode != share: {d}")
            done[kind] = done.get(kind, 0) + 1
    rare = count >= 2000 and len(done) < len(set(WEIGHTED)) - 1  # "bad upsert" never has one
    if sum(done.values()) < count / 2 or rare:
        fail(f"seed {seed}: too few operations had an answer to compare: {done}")
    a, b = fixed(local), fixed(remote)
    if a != b:
        fail(f"seed {seed}, collections: {a}\n!= {b}")
    a, b = everything(local), everything(remote)
    if not close(a, b):
        fail(f"seed {seed}: the states at the end differ: {a}\n!= {b}")
    with open(state, "w") as f:
        json.dump(plain(a), f, default=plain)
    remote.close()


def unit(vector):
    norm = math.sqrt(sum(x * x for x in vector))
    return [x / norm for x in vector] if norm > 1.2e-7 else vector


def reopen(folder, state):
    client = QdrantClient(path=folder)
    got = json.loads(json.dumps(plain(everything(client)), default=plain))
    with open(state) as f:
        want = json.load(f)
    for page in (got["cos"], want["cos"]):  # on disk are the vectors as they were sent
        for p in page:
            p["vector"] = unit(p["vector"]) if p["vector"] else p["vector"]
    for name in DIMS:
        for p, q in zip(got[name], want[name]):
            if not close(p, q):
                fail(f"{name}, reopened by Python: {p}\n!= {q}")
        if len(got[name]) != len(want[name]):
            fail(f"{name}, reopened by Python: {len(got[name])} points, expected {len(want[name])}")
    client.close()


if __name__ == "__main__":
    if sys.argv[1] == "run":
        run(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    else:
        reopen(sys.argv[2], sys.argv[3])
