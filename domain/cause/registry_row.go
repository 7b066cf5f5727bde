package cause

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tributary/domain/text"
)

// RegistryColumns are the columns of the Business Master File, in the order ParseRegistryRow takes their values.
var RegistryColumns = []string{
	"EIN", "NAME", "ICO", "STREET", "CITY", "STATE", "ZIP", "GROUP", "SUBSECTION", "AFFILIATION", "CLASSIFICATION", "RULING",
	"DEDUCTIBILITY", "FOUNDATION", "ACTIVITY", "ORGANIZATION", "STATUS", "TAX_PERIOD", "ASSET_CD", "INCOME_CD", "FILING_REQ_CD",
	"PF_FILING_REQ_CD", "ACCT_PD", "ASSET_AMT", "INCOME_AMT", "REVENUE_AMT", "NTEE_CD", "SORT_NAME",
}

const firstAmount = 23 // ASSET_AMT, then INCOME_AMT and REVENUE_AMT

// RowError says which column of a registry row cannot be accepted, and why.
type RowError struct{ Column, Reason string }

// Error implements error.
func (e *RowError) Error() string { return e.Column + ": " + e.Reason }

// form is what a column's value may look like.
type form struct {
	pattern *regexp.Regexp
	expect  string
}

func digits(pattern, expect string) form {
	return form{regexp.MustCompile(`^(` + pattern + `)$`), expect}
}

var forms = map[string]form{
	"STATE":            digits(`[A-Z]{2}|`, "two letters or nothing"),
	"ZIP":              digits(`[0-9]{5}(-[0-9]{4})?|`, "a ZIP code such as 82001-4917, or 00000 for a foreign address"),
	"GROUP":            digits(`[0-9]{4}`, "four digits"),
	"SUBSECTION":       digits(`[0-9]{2}`, "two digits"),
	"AFFILIATION":      digits(`[0-9]?`, "one digit"),
	"CLASSIFICATION":   digits(`[0-9]{0,4}`, "up to four digits"),
	"RULING":           digits(`0|[0-9]{4}(0[0-9]|1[0-2])|`, "a year and month such as 200207, or 0"),
	"DEDUCTIBILITY":    digits(`[0-9]?`, "one digit"),
	"FOUNDATION":       digits(`[0-9]{0,2}`, "two digits"),
	"ACTIVITY":         digits(`[0-9]{0,9}`, "nine digits"),
	"ORGANIZATION":     digits(`[0-9]?`, "one digit"),
	"STATUS":           digits(`[0-9]{0,2}`, "two digits"),
	"TAX_PERIOD":       digits(`0|[0-9]{4}(0[0-9]|1[0-2])|`, "a year and month such as 202412, or nothing"),
	"ASSET_CD":         digits(`[0-9]?`, "one digit"),
	"INCOME_CD":        digits(`[0-9]?`, "one digit"),
	"FILING_REQ_CD":    digits(`[0-9]{0,2}`, "two digits"),
	"PF_FILING_REQ_CD": digits(`[0-9]?`, "one digit"),
	"ACCT_PD":          digits(`(0[0-9]|1[0-2])?`, "a month from 01 to 12"),
	"NTEE_CD":          digits(`[A-Z0-9]{0,4}`, "up to four letters and digits"),
}

// ParseRegistryRow checks one row; values are in the order of RegistryColumns. The error is a *RowError. Even then the entry carries the
// EIN when that much was readable, so that a damaged row is not mistaken for an organization that has vanished.
func ParseRegistryRow(values []string) (RegistryEntry, error) {
	if len(values) != len(RegistryColumns) {
		return RegistryEntry{}, &RowError{"ROW", fmt.Sprintf("%d columns found, %d expected", len(values), len(RegistryColumns))}
	}
	at := func(i int) string { return strings.TrimSpace(values[i]) }
	ein := at(0)
	if len(ein) != 9 || strings.Trim(ein, "0123456789") != "" {
		return RegistryEntry{}, &RowError{"EIN", "nine digits expected, leading zeros included"}
	}
	e := RegistryEntry{
		EIN: EIN(ein), Name: at(1), InCareOf: at(2), Street: at(3), City: at(4), State: at(5), ZIP: at(6), GroupNumber: at(7),
		Subsection: at(8), Affiliation: at(9), Classification: at(10), Ruling: at(11), Deductibility: at(12), Foundation: at(13),
		Activity: at(14), OrganizationCode: at(15), Status: at(16), TaxPeriod: at(17), AssetCode: at(18), IncomeCode: at(19),
		FilingRequirement: at(20), PFFilingRequirement: at(21), AccountingPeriod: at(22), NTEECode: at(26), SortName: at(27),
	}
	for i, column := range RegistryColumns {
		if err := checkColumn(column, at(i)); err != nil {
			return e, err
		}
	}
	for i, amount := range []**int64{&e.AssetAmount, &e.IncomeAmount, &e.RevenueAmount} {
		n, err := parseDollars(at(firstAmount + i))
		if err != nil {
			return e, &RowError{RegistryColumns[firstAmount+i], "whole dollars expected, such as -1234, or nothing"}
		}
		*amount = n
	}
	e.RowHash = hashRow(values)
	return e, nil
}

func checkColumn(column, value string) error {
	limit := 100
	switch {
	case column == "NAME" && value == "":
		return &RowError{column, "a name is missing"}
	case column == "NAME":
		limit = 200
	}
	if len(value) > limit {
		return &RowError{column, fmt.Sprintf("longer than %d characters", limit)}
	}
	if _, err := text.Line(column, value, limit); err != nil {
		return &RowError{column, "holds characters that cannot be shown"}
	}
	if f, ok := forms[column]; ok && !f.pattern.MatchString(value) {
		return &RowError{column, f.expect + " expected"}
	}
	return nil
}

func parseDollars(s string) (*int64, error) {
	if s == "" {
		return nil, nil
	}
	if strings.HasPrefix(s, "+") {
		return nil, strconv.ErrSyntax
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// hashRow tells two versions of a row apart; blanks around a value make no difference.
func hashRow(values []string) []byte {
	h := sha256.New()
	for _, v := range values {
		h.Write([]byte(strings.TrimSpace(v)))
		h.Write([]byte{0x1f})
	}
	return h.Sum(nil)
}
