package app

import (
	"strings"

	"tributary/domain/account"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/donation"
	"tributary/domain/money"
)

// What the demonstration tells. Everybody in it is made up.

const (
	demoLibrary  = "library"
	demoWillows  = "willows"
	demoRaised   = int64(18_430_00)
	demoRecorded = 48
)

type demoMember struct {
	name, email, what string
	operator          bool
	roles             map[string]account.Role // by organization; the owner comes first
}

var demoTeam = []demoMember{
	{"Rosa Delgado", "owner@riverbend.example", "owner of Riverbend Trust and of Harbor Food Bank; operator", true, map[string]account.Role{"riverbend": account.Owner, "harbor": account.Owner}},
	{"Femi Adeyemi", "fundraiser@riverbend.example", "fundraiser", false, map[string]account.Role{"riverbend": account.Fundraiser}},
	{"Ingrid Solberg", "finance@riverbend.example", "finance", false, map[string]account.Role{"riverbend": account.Finance}},
	{"Tomás Rivera", "coordinator@riverbend.example", "volunteer coordinator; sees no amounts", false, map[string]account.Role{"riverbend": account.VolunteerCoordinator}},
	{"Mei Tanaka", "viewer@riverbend.example", "viewer", false, map[string]account.Role{"riverbend": account.Viewer}},
	{"Avery Brooks", "owner@acme.example", "owner of the company Acme, for the portal", false, map[string]account.Role{"acme": account.Owner}},
}

var demoNonprofit = account.OrganizationDetails{
	Name: "Riverbend Trust", Kind: account.Nonprofit, Slug: "riverbend", Country: "US", Zone: "America/New_York", Currency: "USD",
}

var demoOthers = []account.OrganizationDetails{
	{Name: "Harbor Food Bank", Kind: account.Nonprofit, Slug: "harbor", Country: "US", Zone: "America/Los_Angeles", Currency: "USD"},
	{Name: "Acme", Kind: account.Company, Slug: "acme", Country: "US", Zone: "America/Chicago", Currency: "USD"},
}

func demoNonprofitPatch() account.OrganizationPatch {
	return account.OrganizationPatch{
		Email: new("hello@riverbend.example"), Phone: new("+1 555 0100"), Website: new("https://riverbend.example"), AddressLine1: new("12 Mill Lane"),
		City: new("Riverbend"), Region: new("NY"), PostalCode: new("12571"), ReceiptSignatory: new("Rosa Delgado, Executive Director"), ReceiptPrefix: new("RB"),
	}
}

type demoPurpose struct {
	cause    cause.Details
	fund     cause.FundDetails
	campaign campaign.Details
	days     int // until the campaign ends; 0: open-ended
}

var demoPurposes = []demoPurpose{
	{
		cause: cause.Details{Name: "Schools and reading", Slug: "reading", Summary: "Books, rooms and time for children who read less than they would like to."},
		fund:  cause.FundDetails{Code: "LIBRARY", Name: "School library", Restriction: cause.ForPurpose},
		campaign: campaign.Details{
			Slug: demoLibrary, Title: "Rebuild the Riverbend school library",
			Summary: "The flood of last spring took 4,000 books and the room they stood in. Help 312 children read again by September.",
			Story: strings.Join([]string{
				"In April the river came through the school's ground floor. The library went first: four thousand books, the reading carpet, and the wall on which every leaver had written the name of a favourite.",
				"## What your gift does",
				"- **$25** puts two new books on the shelf.\n- **$50** buys four, with covers that survive a school bag.\n- **$250** furnishes a reading corner.",
				"The building work is paid for. What is missing is what makes a room a library. We order from the two bookshops in town, and every class chooses a shelf.",
				"We will write to you twice: when the shelves are up, and when the first book is borrowed.",
			}, "\n\n"),
			Goal: money.New(30_000_00, "USD"), Suggested: []int64{25_00, 50_00, 100_00, 250_00}, Default: 50_00,
			OfferMonthly: true, MonthlySuggested: []int64{15_00, 25_00, 50_00, 100_00}, MonthlyDefault: 25_00,
			ImpactLines:   map[int64]string{15_00: "buys a book", 25_00: "buys 2 books", 50_00: "buys 4 books", 100_00: "fills a shelf board", 250_00: "furnishes a reading corner"},
			OfferFeeCover: true, ShowDonors: true,
		},
		days: 60,
	},
	{
		cause: cause.Details{Name: "River and banks", Slug: "river", Summary: "Planting, clearing and watching over eleven miles of river."},
		fund:  cause.FundDetails{Code: "RIVER", Name: "River care", Restriction: cause.Unrestricted},
		campaign: campaign.Details{
			Slug: demoWillows, Title: "A thousand willows by spring",
			Summary: "Roots hold what walls cannot. A thousand young willows along the lower bank slow the next flood.",
			Story:   "A willow costs four dollars and an hour of somebody's Saturday. In ten years it holds a ton of bank in place.\n\nGive a tree, or ten, and come planting in March.",
			Goal:    money.New(4_000_00, "USD"), Suggested: []int64{4_00, 20_00, 40_00, 100_00}, Default: 20_00,
			OfferMonthly: true, MonthlySuggested: []int64{4_00, 12_00, 20_00, 40_00}, MonthlyDefault: 12_00, OfferPledge: true,
			ImpactLines:   map[int64]string{4_00: "plants 1 willow", 12_00: "plants 3 willows", 20_00: "plants 5 willows", 40_00: "plants 10 willows", 100_00: "plants 25 willows"},
			OfferFeeCover: true, ShowDonors: true,
		},
	},
}

type demoCardGift struct {
	minor      int64
	cover      bool
	visibility donation.Visibility
	comment    string
}

var demoCardGifts = []demoCardGift{
	{50_00, true, donation.NameAndAmount, "For the name on that wall: Momo."},
	{25_00, false, donation.NameAndAmount, ""},
	{100_00, true, donation.NameAndAmount, "From the class of 1998."},
	{50_00, false, donation.NameAndAmount, ""},
	{250_00, true, donation.NameAndAmount, "A corner for the shy ones, please."},
	{36_00, false, donation.NameAndAmount, ""},
	{75_00, false, donation.NameAndAmount, "My mother taught here."},
	{20_00, true, donation.NameAndAmount, ""},
	{500_00, false, donation.NameAndAmount, ""},
	{50_00, true, donation.NameAndAmount, "Read on!"},
}

// demoMonthly are the amounts of monthly gifts.
var demoMonthly = []int64{20_00, 40_00, 12_00, 100_00}

type demoPledge struct {
	total         int64
	count, every  int
	firstIn, paid int // days from today; instalments that came
}

var demoPledges = []demoPledge{
	{total: 240_00, count: 12, every: 1, firstIn: -75, paid: 2}, // its third instalment is late
	{total: 500_00, count: 5, every: 12, firstIn: 20},
	{total: 100_00, count: 3, every: 1, firstIn: -40, paid: 1}, // $33.33, $33.33, $33.34; the second is late
	{total: 120_00, count: 6, every: 1, firstIn: 9},
}

type demoDonor struct{ first, last string }

// email is an address that nobody has (RFC 2606).
func (d demoDonor) email() string {
	ascii := strings.NewReplacer("é", "e", "ö", "o", "ñ", "n", "í", "i", "á", "a", "ó", "o", "ł", "l", "'", "").Replace(strings.ToLower(d.first + "." + d.last))
	return ascii + "@example.org"
}

var demoDonors = []demoDonor{
	{"Ada", "Whitcomb"}, {"Bashir", "Haddad"}, {"Carmen", "Ortiz"}, {"Daniel", "O'Rourke"}, {"Elif", "Kaya"}, {"Frank", "Petersen"}, {"Grace", "Mbeki"},
	{"Hiro", "Sato"}, {"Irene", "Kowalski"}, {"Joel", "Bergström"}, {"Kavya", "Raman"}, {"Liam", "Doyle"}, {"Marisol", "Núñez"}, {"Nadia", "Haidari"},
	{"Omar", "Farouk"}, {"Priya", "Shah"}, {"Quentin", "Lefèvre"}, {"Ruth", "Abrams"}, {"Samuel", "Osei"}, {"Teresa", "Lindqvist"}, {"Uma", "Patel"},
	{"Viktor", "Novak"}, {"Wren", "Calloway"}, {"Ximena", "Castillo"}, {"Yusuf", "Demir"}, {"Zoe", "Marchetti"}, {"Arthur", "Pendle"}, {"Beatriz", "Alves"},
	{"Clara", "Jensen"}, {"Dmitri", "Volkov"}, {"Esther", "Goldman"}, {"Felix", "Braun"}, {"Gwen", "Parry"}, {"Hassan", "Jaber"}, {"Isla", "McLeod"},
}

// demoRegistry holds registry entries of the demonstration's nonprofits, unclaimed. The IRS gives out no EIN that begins with 00.
const demoRegistry = `EIN,NAME,ICO,STREET,CITY,STATE,ZIP,GROUP,SUBSECTION,AFFILIATION,CLASSIFICATION,RULING,DEDUCTIBILITY,FOUNDATION,ACTIVITY,ORGANIZATION,STATUS,TAX_PERIOD,ASSET_CD,INCOME_CD,FILING_REQ_CD,PF_FILING_REQ_CD,ACCT_PD,ASSET_AMT,INCOME_AMT,REVENUE_AMT,NTEE_CD,SORT_NAME
000000011,RIVERBEND TRUST,% ROSA DELGADO,12 MILL LN,RIVERBEND,NY,12571-0012,0000,03,3,1000,199806,1,15,000000000,1,01,202512,4,4,01,0,12,812000,455000,455000,B70,
000000029,HARBOR FOOD BANK,,1 PIER RD,HARBOR,OR,97415-0001,0000,03,3,1000,200211,1,15,000000000,1,01,202512,3,3,01,0,12,212000,155000,155000,K31,
`
