package fundraising

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/campaign"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/money"
)

// otherAmount is the choice of a giver who types an amount.
const otherAmount = "other"

// givingForm is the form as it is shown: what was typed, and what is wrong with it.
type givingForm struct {
	Amount       string // a tile's decimal text, or otherAmount
	Other        string
	CoverFee     bool
	FirstName    string
	LastName     string
	Email        string
	Visibility   string
	Comment      string
	EmailConsent bool
	Token        string // the same until the gift is on its way: sending the form twice is one gift
	Errors       map[string]string
	Summary      []formMistake
	Problem      string // what is wrong with no field in particular
}

// formMistake is one line of the summary; Field is the id of the control it leads to.
type formMistake struct{ Field, Message string }

// emptyForm is the form of a visitor; a link may suggest an amount, and a tile is chosen beforehand.
func emptyForm(c campaign.Campaign, suggested string) givingForm {
	f := givingForm{Amount: decimal(c, c.DefaultMinor), Visibility: string(donation.NameAndAmount), Token: uuid.NewString()}
	if m, err := money.Parse(suggested, c.Currency()); err == nil && m.Chargeable() == nil {
		f.Amount, f.Other = m.Decimal(), ""
		if !slices.Contains(c.SuggestedMinor, m.Minor) {
			f.Amount, f.Other = otherAmount, m.Decimal()
		}
	}
	return f
}

// formOf keeps what was posted, cut to what could ever be right.
func formOf(r web.Request) givingForm {
	typed := func(name string) string {
		s := strings.ToValidUTF8(r.Form(name), "")
		return s[:min(len(s), 4000)]
	}
	return givingForm{
		Amount: typed("amount"), Other: typed("other_amount"), CoverFee: r.Form("cover_fee") != "", FirstName: typed("first_name"),
		LastName: typed("last_name"), Email: typed("email"), Visibility: typed("visibility"), Comment: typed("comment"),
		EmailConsent: r.Form("email_consent") != "", Token: typed("form_token"),
	}
}

// checkoutOf reads the form as a request to give. The rules themselves are the donation's.
func (f givingForm) checkoutOf(c campaign.Campaign) (donation.CheckoutRequest, error) {
	text := f.Amount
	if text == otherAmount || text == "" {
		text = f.Other
	}
	amount, err := money.Parse(text, c.Currency())
	token, errToken := uuid.Parse(f.Token)
	if errToken != nil {
		errToken = donation.ErrFormToken
	}
	return donation.CheckoutRequest{
		Amount: amount, CoverFee: f.CoverFee && c.OfferFeeCover, FirstName: f.FirstName, LastName: f.LastName, Email: f.Email,
		Visibility: donation.Visibility(f.Visibility), Comment: f.Comment, EmailConsent: f.EmailConsent, FormToken: token,
	}, fault.Join(blamed(err, "amount"), errToken)
}

func blamed(err error, field string) error {
	var f *fault.Error
	if errors.As(err, &f) && len(f.Fields) == 0 {
		return f.With(field)
	}
	return err
}

// controls are the form's fields in their order, with the id of the control that mends each.
var controls = []struct{ field, id string }{
	{"amount", "other_amount"}, {"first_name", "first_name"}, {"last_name", "last_name"}, {"email", "email"}, {"visibility", "visibility"},
	{"comment", "comment"},
}

// rejected is the form with the mistakes of err written to it; ok is false when err is not about the form.
func (f givingForm) rejected(err error) (givingForm, bool) {
	var bad *fault.Error
	if !errors.As(err, &bad) {
		return f, false
	}
	switch bad.Kind {
	case fault.KindInvalid, fault.KindConflict, fault.KindRateLimited, fault.KindUnavailable:
	default:
		return f, false
	}
	f.Errors = map[string]string{}
	for _, field := range bad.Fields {
		name := field.Location[strings.LastIndexByte(field.Location, '.')+1:]
		if _, known := f.Errors[name]; !known {
			f.Errors[name] = field.Message
		}
	}
	for _, control := range controls {
		if message, wrong := f.Errors[control.field]; wrong {
			f.Summary = append(f.Summary, formMistake{control.id, message})
		}
	}
	if len(f.Summary) == 0 {
		f.Problem = bad.Message
	}
	if _, wrong := f.Errors["form_token"]; wrong {
		f.Token = uuid.NewString()
	}
	return f, true
}

func decimal(c campaign.Campaign, minor int64) string {
	return money.New(minor, c.Currency()).Decimal()
}
