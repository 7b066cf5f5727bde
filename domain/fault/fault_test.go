package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/fault"
)

var (
	errRefunded = fault.New(fault.KindConflict, "donation.refunded", "This gift was given back.")
	errAmount   = fault.Invalid("amount", "amount.too_small", "Give at least one cent.")
	errEmail    = fault.Invalid("email", "email.invalid", "This is not an e-mail address.")
)

func TestAFaultIsFoundByItsCode(t *testing.T) {
	t.Parallel()
	wrapped := fmt.Errorf("refund donation: %w", errRefunded)
	require.ErrorIs(t, wrapped, errRefunded)
	require.ErrorIs(t, errRefunded, fault.New(fault.KindConflict, "donation.refunded", "Other words."), "the code counts, not the words")
	require.ErrorIs(t, errRefunded, wrapped, "even when the value that is looked for is wrapped")
	require.NotErrorIs(t, wrapped, errAmount)
	require.NotErrorIs(t, wrapped, io.EOF)
	require.NotErrorIs(t, io.EOF, errRefunded)
}

func TestKindOfLooksThroughTheChain(t *testing.T) {
	t.Parallel()
	require.Equal(t, fault.KindConflict, fault.KindOf(fmt.Errorf("a: %w", fmt.Errorf("b: %w", errRefunded))))
	require.Equal(t, fault.KindNotFound, fault.KindOf(errors.Join(io.EOF, fault.NotFound("person"))))
	require.Empty(t, fault.KindOf(io.EOF))
	require.Empty(t, fault.KindOf(nil))
}

func TestMessageOfIsForPeople(t *testing.T) {
	t.Parallel()
	require.Equal(t, "This gift was given back.", fault.MessageOf(fmt.Errorf("refund donation: %w", errRefunded)))
	require.Empty(t, fault.MessageOf(io.EOF))
	require.Empty(t, fault.MessageOf(nil))
}

func TestBlameAndRenameNameTheFieldsOfAForm(t *testing.T) {
	t.Parallel()
	require.EqualError(t, fault.Blame(fmt.Errorf("a: %w", errRefunded), "donation_id"), "donation.refunded: donation_id: This gift was given back.")
	require.EqualError(t, fault.Rename(fault.Join(errEmail, errAmount), map[string]string{"amount": "total", "email": "email_2"}),
		"email.invalid: email_2: This is not an e-mail address.")
	require.EqualError(t, fault.Rename(errAmount, map[string]string{"amount": "total"}), "amount.too_small: total: Give at least one cent.")
	require.EqualError(t, fault.Rename(errAmount, map[string]string{"total": "sum"}), "amount.too_small: amount: Give at least one cent.")
	require.Equal(t, "amount", errAmount.Fields[0].Location, "the declared value is as it was")
	for _, err := range []error{io.EOF, nil} {
		require.Equal(t, err, fault.Blame(err, "amount"))
		require.Equal(t, err, fault.Rename(err, map[string]string{"amount": "total"}))
	}
}

func TestNotFoundSaysWhat(t *testing.T) {
	t.Parallel()
	err := fault.NotFound("person")
	require.Equal(t, "person.not_found", err.Code)
	require.EqualError(t, err, "person.not_found: There is no such person.")
	require.Empty(t, err.Fields)
	require.NotErrorIs(t, err, fault.NotFound("donation"))
}

func TestWithBlamesAFieldOfACopy(t *testing.T) {
	t.Parallel()
	blamed := errRefunded.With("donation_id")
	require.ErrorIs(t, blamed, errRefunded)
	require.Equal(t, []fault.Field{{Location: "donation_id", Code: "donation.refunded", Message: "This gift was given back."}}, blamed.Fields)
	require.EqualError(t, blamed, "donation.refunded: donation_id: This gift was given back.")
	require.Empty(t, errRefunded.Fields, "the declared value is as it was")

	one, other := blamed.With("a"), blamed.With("b")
	require.Equal(t, "a", one.Fields[1].Location, "copies of a copy share nothing")
	require.Equal(t, "b", other.Fields[1].Location)
	require.Len(t, blamed.Fields, 1)
}

func TestJoinGathersEveryField(t *testing.T) {
	t.Parallel()
	joined := fault.Join(nil, errAmount, nil, fmt.Errorf("read the form: %w", errEmail), errAmount.With("cover"))
	var f *fault.Error
	require.ErrorAs(t, joined, &f)
	require.Equal(t, fault.KindInvalid, f.Kind)
	var at []string
	for _, field := range f.Fields {
		at = append(at, field.Location+" "+field.Code)
	}
	require.Equal(t, []string{"amount amount.too_small", "email email.invalid", "amount amount.too_small", "cover amount.too_small"}, at)
	require.Len(t, errAmount.Fields, 1, "the declared values are as they were")
	require.Len(t, errEmail.Fields, 1)
	require.ErrorIs(t, joined, errAmount)
}

func TestJoinOfNothingIsNil(t *testing.T) {
	t.Parallel()
	require.NoError(t, fault.Join())
	require.NoError(t, fault.Join(nil, nil))
}

func TestJoinReturnsWhatIsNoMistakeOfTheForm(t *testing.T) {
	t.Parallel()
	broken := fmt.Errorf("read: %w", io.ErrUnexpectedEOF)
	require.Equal(t, broken, fault.Join(errAmount, broken, errEmail))
	require.Equal(t, error(errRefunded), fault.Join(errAmount, errRefunded), "a conflict is no field's")
}

func TestWhatIsJoinedTwiceSharesNothing(t *testing.T) {
	t.Parallel()
	long := errAmount.With("a").With("b")
	var one, other *fault.Error
	require.ErrorAs(t, fault.Join(long, errEmail), &one)
	require.ErrorAs(t, fault.Join(long, errAmount), &other)
	require.Equal(t, "email", one.Fields[3].Location)
	require.Equal(t, "amount", other.Fields[3].Location)
}
