package fundraising

import (
	"cmp"
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
	Frequency     string // a way to give
	Amount        string // a tile's decimal text, or otherAmount
	Other         string
	MonthlyAmount string // as Amount, of a monthly gift
	MonthlyOther  string
	Pledge        pledgeForm
	CoverFee      bool
	FirstName     string
	LastName      string
	Email         string
	Visibility    string
	Comment       string
	EmailConsent  bool
	Token         string // the same until the gift is on its way: sending the form twice is one gift
	Errors        map[string]string
	Summary       []formMistake
	Problem       string // what is wrong with no field in particular
}

// formMistake is one line of the summary; Field is the id of the control it leads to.
type formMistake struct{ Field, Message string }

// asked is what a link may choose beforehand.
type asked struct{ frequency, amount string }

// emptyForm is the form of a visitor; a tile is chosen beforehand, or what a link asks for, if the campaign offers it.
func (s *Service) emptyForm(st Standing, link asked) givingForm {
	c := st.Campaign
	monthly, monthlyChosen := c.Monthly()
	f := givingForm{
		Frequency: wayOnce, Amount: decimal(c, c.DefaultMinor), MonthlyAmount: decimal(c, monthlyChosen), Pledge: emptyPledge(st.Today),
		Visibility: string(donation.NameAndAmount), Token: uuid.NewString(),
	}
	if slices.Contains(s.waysOf(c), link.frequency) {
		f.Frequency = link.frequency
	}
	m, err := money.Parse(link.amount, c.Currency())
	if err != nil || m.Chargeable() != nil {
		return f
	}
	switch f.Frequency {
	case wayMonthly:
		f.MonthlyAmount, f.MonthlyOther = chosenTile(monthly, m)
	case wayPledge:
		f.Pledge.Total = m.Decimal()
	default:
		f.Amount, f.Other = chosenTile(c.SuggestedMinor, m)
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
		Frequency: cmp.Or(typed("frequency"), wayOnce), Amount: typed("amount"), Other: typed("other_amount"), MonthlyAmount: typed("monthly_amount"),
		MonthlyOther: typed("monthly_other"), Pledge: pledgeForm{typed("total"), typed("count"), typed("interval"), typed("first_on"), typed("pledge_seen")},
		CoverFee: r.Form("cover_fee") != "", FirstName: typed("first_name"),
		LastName: typed("last_name"), Email: typed("email"), Visibility: typed("visibility"), Comment: typed("comment"),
		EmailConsent: r.Form("email_consent") != "", Token: typed("form_token"),
	}
}

// checkoutOf reads the form as a request to give. The rules themselves are the donation's.
func (f givingForm) checkoutOf(c campaign.Campaign) (donation.CheckoutRequest, error) {
	text, other := f.Amount, f.Other
	var errFrequency error
	if f.Frequency == wayMonthly {
		text, other = f.MonthlyAmount, f.MonthlyOther
		if !c.OfferMonthly {
			errFrequency = campaign.ErrNoMonthly
		}
	}
	if text == otherAmount || text == "" {
		text = other
	}
	amount, err := money.Parse(text, c.Currency())
	token, errToken := uuid.Parse(f.Token)
	if errToken != nil {
		errToken = donation.ErrFormToken
	}
	return donation.CheckoutRequest{
		Amount: amount, CoverFee: f.CoverFee && c.OfferFeeCover, FirstName: f.FirstName, LastName: f.LastName, Email: f.Email,
		Visibility: donation.Visibility(f.Visibility), Comment: f.Comment, EmailConsent: f.EmailConsent, FormToken: token,
		Frequency: donation.Frequency(f.Frequency),
	}, fault.Join(errFrequency, blamed(err, "amount"), errToken)
}

func blamed(err error, field string) error {
	var f *fault.Error
	if errors.As(err, &f) && len(f.Fields) == 0 {
		return f.With(field)
	}
	return err
}

// control is a field of the form and the id of what mends it.
type control struct{ field, id string }

// controls are the form's fields in their order.
func (f givingForm) controls() []control {
	list := []control{{"frequency", "frequency-once"}}
	switch f.Frequency {
	case wayPledge:
		list = append(list, control{"total", "total"}, control{"count", "count"}, control{"interval", "interval"}, control{"first_on", "first_on"})
	case wayMonthly:
		list = append(list, control{"amount", "monthly_other"})
	default:
		list = append(list, control{"amount", "other_amount"})
	}
	return append(list, control{"first_name", "first_name"}, control{"last_name", "last_name"}, control{"email", "email"},
		control{"visibility", "visibility"}, control{"comment", "comment"})
}

// AmountError is what is wrong with the amount, for the row of tiles of that way to give.
func (f givingForm) AmountError(way string) string {
	if f.Frequency != way {
		return ""
	}
	return f.Errors["amount"]
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
	for _, c := range f.controls() {
		if message, wrong := f.Errors[c.field]; wrong {
			f.Summary = append(f.Summary, formMistake{c.id, message})
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
