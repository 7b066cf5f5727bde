package stripesandbox

import "slices"

// page reads the parameters of a list, checks that nothing else was sent, and returns one page of what keep keeps, newest first.
func page[T entity](c *call, kind string, keep func(T) bool) (any, error) {
	return pageFrom(c, kind, c.db.byKind[kind], keep)
}

// pageOfOwner is page for a list that a parameter narrows to the objects of one owner; see ownerOf.
func pageOfOwner[T entity](c *call, kind, param string, keep func(T) bool) (any, error) {
	if owner := c.params.text(param); owner != nil {
		return pageFrom(c, kind, c.db.owned(kind, *owner), keep)
	}
	return page(c, kind, keep)
}

func pageFrom[T entity](c *call, kind string, rows []entity, keep func(T) bool) (any, error) {
	limit := int64(10)
	if n := c.params.integer("limit"); n != nil {
		limit = *n
	}
	after, before := c.params.text("starting_after"), c.params.text("ending_before")
	if err := c.params.err(); err != nil {
		return nil, err
	}
	switch {
	case limit < 1:
		return nil, invalid("parameter_invalid_integer", "limit", "This value must be greater than or equal to 1.")
	case limit > 100:
		return nil, invalid("parameter_invalid_integer", "limit", "This value must be less than or equal to 100.")
	case after != nil && before != nil:
		return nil, invalid("", "starting_after", "You may only specify one of these parameters: starting_after, ending_before.")
	}
	low, high := 0, len(rows) // the rows in question, oldest first
	for param, id := range map[string]*string{"starting_after": after, "ending_before": before} {
		if id == nil {
			continue
		}
		cursor, ok := find[T](c.tx, *id)
		if !ok {
			return nil, missing(kind, *id, param)
		}
		at, found := c.db.position(rows, cursor)
		switch {
		case param == "starting_after":
			high = at
		case found:
			low = at + 1
		default:
			low = at
		}
	}
	found := take(c.tx, rows[low:high], before == nil, int(limit)+1, keep)
	more := len(found) > int(limit)
	found = found[:min(len(found), int(limit))]
	if before != nil {
		slices.Reverse(found)
	}
	data := make([]any, len(found))
	for i, o := range found {
		data[i] = c.render(o)
	}
	return listOf(c.url, data, more), nil
}

// take returns up to n of the account's rows, from the newest or from the oldest end.
func take[T entity](t *tx, rows []entity, newestFirst bool, n int, keep func(T) bool) []T {
	var found []T
	for i := range rows {
		e := rows[i]
		if newestFirst {
			e = rows[len(rows)-1-i]
		}
		o, ok := e.(T)
		if ok && e.row().Account == t.account && keep(o) {
			if found = append(found, o); len(found) == n {
				break
			}
		}
	}
	return found
}

// created reads the created filter of a list: a second, or a range of them.
func (p *params) created(key string) func(at int64) bool {
	if _, isRange := p.node[key].(map[string]any); !isRange {
		exact := p.integer(key)
		return func(at int64) bool { return exact == nil || at == *exact }
	}
	h := p.hash(key)
	gt, gte, lt, lte := h.integer("gt"), h.integer("gte"), h.integer("lt"), h.integer("lte")
	return func(at int64) bool {
		return (gt == nil || at > *gt) && (gte == nil || at >= *gte) && (lt == nil || at < *lt) && (lte == nil || at <= *lte)
	}
}

// matches reads a filter by equality; absent keeps everything.
func (p *params) matches(key string) func(v string) bool {
	want := p.text(key)
	return func(v string) bool { return want == nil || *want == v }
}
