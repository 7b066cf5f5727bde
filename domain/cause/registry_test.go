package cause_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/cause"
)

// legion is a real row: a leading zero, "%", a group exemption.
const legion = "010631747,AMERICAN LEGION,% DOUG HENSALA,1320 HUGUR AVE,CHEYENNE,WY,82001-4917,0925,19,9,1000,194603,0,00,907908000,5,01,202506,0,0,02,0,06,0,-15,,,0017 E A BLACKMORE MEMORIAL"

func row(t *testing.T, changes map[string]string) []string {
	t.Helper()
	values := strings.Split(legion, ",")
	for i, column := range cause.RegistryColumns {
		if v, ok := changes[column]; ok {
			values[i] = v
		}
	}
	return values
}

func TestParseRegistryRow(t *testing.T) {
	t.Parallel()
	e, err := cause.ParseRegistryRow(row(t, nil))
	require.NoError(t, err)
	require.Equal(t, "01-0631747", e.EIN.String())
	require.Equal(t, "% DOUG HENSALA", e.InCareOf, "kept as the file has it")
	require.Equal(t, "DOUG HENSALA", e.CareOf())
	require.Equal(t, "82001-4917", e.PostalCode())
	require.Equal(t, "0925", e.GroupNumber)
	require.True(t, e.Subordinate())
	require.Equal(t, int64(0), *e.AssetAmount)
	require.Equal(t, int64(-15), *e.IncomeAmount)
	require.Nil(t, e.RevenueAmount, "blank is not zero")
	require.Equal(t, "1946-03", e.RulingText())
	require.Equal(t, "501(c)(19)", e.SubsectionText())
	require.False(t, e.Deductible())
	require.Len(t, e.Warnings(), 1)
}

func TestParseRegistryRowQuirks(t *testing.T) {
	t.Parallel()
	e, err := cause.ParseRegistryRow(row(t, map[string]string{
		"ZIP": "00000-0000", "STATE": "", "RULING": "0", "DEDUCTIBILITY": "1", "STATUS": "01", "TAX_PERIOD": "", "ICO": "",
	}))
	require.NoError(t, err)
	require.Empty(t, e.PostalCode())
	require.Empty(t, e.RulingText())
	require.Empty(t, e.Warnings())
	for ruling, want := range map[string]string{"000000": "", "200200": "2002", "200212": "2002-12"} {
		e, err = cause.ParseRegistryRow(row(t, map[string]string{"RULING": ruling, "ZIP": "02919-0000"}))
		require.NoError(t, err)
		require.Equal(t, want, e.RulingText())
		require.Equal(t, "02919", e.PostalCode())
	}
}

func TestParseRegistryRowRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, column, value string }{
		{"an EIN that lost its zero", "EIN", "10631747"},
		{"an EIN with a letter", "EIN", "01063174X"},
		{"no name", "NAME", "  "},
		{"a name of 201 characters", "NAME", strings.Repeat("N", 201)},
		{"a control character", "STREET", "1 MAIN\x00"},
		{"broken text", "CITY", "CAF\xe9"},
		{"a state in words", "STATE", "Wyoming"},
		{"half a ZIP", "ZIP", "8201"},
		{"a thirteenth month", "RULING", "200213"},
		{"cents", "ASSET_AMT", "12.50"},
		{"an amount in words", "REVENUE_AMT", "1,000"},
		{"an amount beyond 64 bits", "INCOME_AMT", "99999999999999999999"},
		{"a subsection of one digit", "SUBSECTION", "3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := cause.ParseRegistryRow(row(t, map[string]string{tc.column: tc.value}))
			var wrong *cause.RowError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, tc.column, wrong.Column)
		})
	}
	_, err := cause.ParseRegistryRow(row(t, nil)[:27])
	require.EqualError(t, err, "ROW: 27 columns found, 28 expected")
}

func TestParseRegistryRowNamesADamagedRow(t *testing.T) {
	t.Parallel()
	e, err := cause.ParseRegistryRow(row(t, map[string]string{"ZIP": "?"}))
	require.Error(t, err)
	require.Equal(t, cause.EIN("010631747"), e.EIN, "so that it is not taken for vanished")
}

func TestRowHashTellsVersionsApart(t *testing.T) {
	t.Parallel()
	a, err := cause.ParseRegistryRow(row(t, nil))
	require.NoError(t, err)
	same, err := cause.ParseRegistryRow(row(t, map[string]string{"NAME": " AMERICAN LEGION "}))
	require.NoError(t, err)
	other, err := cause.ParseRegistryRow(row(t, map[string]string{"ASSET_AMT": ""}))
	require.NoError(t, err)
	require.Equal(t, a.RowHash, same.RowHash)
	require.NotEqual(t, a.RowHash, other.RowHash)
}

func FuzzParseRegistryRow(f *testing.F) {
	f.Add(legion)
	f.Add(strings.Repeat(",", 27))
	f.Fuzz(func(t *testing.T, line string) {
		e, err := cause.ParseRegistryRow(strings.Split(line, ","))
		if err != nil {
			return
		}
		back, err := cause.ParseEIN(e.EIN.String())
		require.NoError(t, err)
		require.Equal(t, e.EIN, back)
		require.NotEmpty(t, e.Name)
		require.NotEmpty(t, e.StatusText())
	})
}
