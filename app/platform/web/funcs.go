package web

import (
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"tributary/domain/day"
	"tributary/domain/money"
)

// funcs are what templates may call.
func (r *renderer) funcs() template.FuncMap {
	return template.FuncMap{
		"t":          r.texts.text,
		"money":      func(m money.Money) string { return m.String() },
		"moneyShort": func(m money.Money) string { return m.Short() },
		"date":       dateText,
		"dateIn":     dateIn,
		"iso":        isoText,
		"asset":      func(name string) string { return "/a/" + name },
		"csrfField":  func() template.HTML { return csrfField(r.csrfMark) },
		"dict":       dict,
		"list":       func(items ...any) []any { return items },
		"paragraphs": paragraphs,
		"percent":    percent,
		"brand":      BrandOf,
	}
}

const dateLayout = "January 2, 2006"

// dateText writes a day, or the UTC date of an instant: prefer dateIn for instants.
func dateText(v any) (string, error) {
	switch d := v.(type) {
	case day.Day:
		return longDay(d), nil
	case *day.Day:
		if d == nil {
			return "", nil
		}
		return longDay(*d), nil
	case time.Time:
		return d.UTC().Format(dateLayout), nil
	}
	return "", fmt.Errorf("date: %T is no date", v)
}

func longDay(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.Start(time.UTC).Format(dateLayout)
}

func dateIn(t time.Time, zone string) (string, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return "", fmt.Errorf("date in %q: %w", zone, err)
	}
	return t.In(location).Format(dateLayout), nil
}

// isoText is the machine form for <time datetime>.
func isoText(v any) (string, error) {
	switch d := v.(type) {
	case day.Day:
		return d.String(), nil
	case time.Time:
		return d.UTC().Format(time.RFC3339), nil
	}
	return "", fmt.Errorf("iso: %T is no date", v)
}

// dict passes several values to a partial.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: pairs of name and value are needed")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: a name must be text")
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// paragraphs turns plain text into paragraphs: a blank line parts them, a single line break stays one.
func paragraphs(text string) template.HTML {
	var b strings.Builder
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for block := range strings.SplitSeq(text, "\n\n") {
		if block = strings.TrimSpace(block); block != "" {
			b.WriteString("<p>" + strings.ReplaceAll(template.HTMLEscapeString(block), "\n", "<br>") + "</p>")
		}
	}
	return template.HTML(b.String()) //nolint:gosec // escaped
}

// percent of part in whole, rounded down and at most 100, for progress bars.
func percent(part, whole money.Money) int64 {
	if whole.Minor <= 0 || part.Minor <= 0 {
		return 0
	}
	return min(part.Minor*100/whole.Minor, 100)
}
