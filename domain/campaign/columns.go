package campaign

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Amounts is a row of minor units, kept as a PostgreSQL bigint[].
type Amounts []int64

// Value implements driver.Valuer.
func (a Amounts) Value() (driver.Value, error) {
	parts := make([]string, len(a))
	for i, n := range a {
		parts[i] = strconv.FormatInt(n, 10)
	}
	return "{" + strings.Join(parts, ",") + "}", nil
}

// Scan implements sql.Scanner.
func (a *Amounts) Scan(src any) error {
	text, err := columnText(src)
	if err != nil {
		return err
	}
	*a = Amounts{}
	inner := strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	if inner == "" {
		return nil
	}
	for part := range strings.SplitSeq(inner, ",") {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return fmt.Errorf("scan amounts: %w", err)
		}
		*a = append(*a, n)
	}
	return nil
}

// ImpactLines says what an offered amount does ("buys 4 books"), by minor units; kept as a JSON object.
type ImpactLines map[int64]string

// Value implements driver.Valuer.
func (l ImpactLines) Value() (driver.Value, error) {
	if l == nil {
		return "{}", nil
	}
	b, err := json.Marshal(map[int64]string(l))
	return string(b), err
}

// Scan implements sql.Scanner.
func (l *ImpactLines) Scan(src any) error {
	text, err := columnText(src)
	if err != nil {
		return err
	}
	lines := map[int64]string{}
	if err := json.Unmarshal([]byte(text), &lines); err != nil {
		return fmt.Errorf("scan impact lines: %w", err)
	}
	*l = lines
	return nil
}

func columnText(src any) (string, error) {
	switch v := src.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", fmt.Errorf("scan %T into a text column", src)
}
