package cause

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"tributary/domain/fault"
)

// EIN is an employer identification number: nine digits, leading zeros kept. The zero value is no number.
type EIN string

// ParseEIN reads "010631747" or "01-0631747". A number that lost its leading zeros in a spreadsheet is refused, not guessed.
func ParseEIN(s string) (EIN, error) {
	s = strings.TrimSpace(s)
	if len(s) == 10 && s[2] == '-' {
		s = s[:2] + s[3:]
	}
	if len(s) != 9 || strings.Trim(s, "0123456789") != "" {
		return "", fault.Invalid("ein", "ein.invalid", "An EIN has nine digits, such as 01-0631747; leading zeros count.")
	}
	return EIN(s), nil
}

// String is the form people write: "01-0631747". Empty for no number.
func (e EIN) String() string {
	if len(e) != 9 {
		return ""
	}
	return string(e[:2] + "-" + e[2:])
}

// Digits is the form the registry and the database hold: "010631747".
func (e EIN) Digits() string { return string(e) }

// Value implements driver.Valuer.
func (e EIN) Value() (driver.Value, error) {
	if e == "" {
		return nil, nil
	}
	return string(e), nil
}

// Scan implements sql.Scanner.
func (e *EIN) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*e = ""
	case string:
		*e = EIN(v)
	default:
		return fmt.Errorf("scan %T into an EIN", src)
	}
	return nil
}
