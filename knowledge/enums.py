"""The field's fixed vocabularies. Codes are stored and exported; labels are translated."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Stage(TextChoices):
    """Where in a sale a situation belongs."""

    PRE = "pre", _("Pre-sale")
    IN = "in", _("In sale")
    AFTER = "after", _("After-sale")
    REVIEW = "review", _("Review")
    ANY = "any", _("Any stage")


# A card of any stage stands under each of these filters.
FILTER_STAGES = (Stage.PRE, Stage.IN, Stage.AFTER, Stage.REVIEW)


class Course(TextChoices):
    """The twelve courses: nine competencies, a foundation, and two that cross them."""

    INTRO = "intro", _("Introduction to the job")
    LANGUAGE = "language", _("Language")
    PRODUCT = "product", _("Product knowledge")
    PSYCHOLOGY = "psychology", _("Psychology")
    ATTITUDE = "attitude", _("Attitude")
    ADAPTABILITY = "adaptability", _("Adaptability")
    SOCIAL = "social", _("Social skills")
    RULES = "rules", _("Rules")
    REVIEWS = "reviews", _("Negative reviews")
    CONDUCT = "conduct", _("Conduct")
    PROCESS = "process", _("Service process")
    CLOSING = "closing", _("Closing and objections")


class Competency(TextChoices):
    """The nine rows of the skills matrix."""

    LANGUAGE = "language", _("Language")
    PRODUCT = "product", _("Product knowledge")
    PSYCHOLOGY = "psychology", _("Psychology")
    ATTITUDE = "attitude", _("Attitude")
    ADAPTABILITY = "adaptability", _("Adaptability")
    SOCIAL = "social", _("Social skills")
    RULES = "rules", _("Rules")
    REVIEWS = "reviews", _("Negative reviews")
    CONDUCT = "conduct", _("Conduct")


class CustomerGroup(TextChoices):
    """The five customer groups (facts C-40 to C-46). Internal words: a customer never sees them."""

    POTENTIAL = "potential", _("Potential (blue)")
    VALUED = "valued", _("Valued (green)")
    HAGGLING = "haggling", _("Haggling (yellow)")
    DIFFICULT = "difficult", _("Difficult (orange)")
    BLACKLISTED = "blacklisted", _("Blacklisted (black)")


class Side(TextChoices):
    """The two kinds of line on a card."""

    DO = "do", _("Say")
    DONT = "dont", _("Don't say")


class Status(TextChoices):
    """A card's place in its life. Readers see published cards only."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class Rule(TextChoices):
    """The codes a 不该说 line may break; the reply checker's starter rules carry the same codes."""

    COLD = "cold", _("Cold")
    REFUSAL_WITHOUT_APOLOGY = "refusal-without-apology", _("Refusal without apology")
    ABSOLUTE = "absolute", _("Absolute claim")
    BLAME_CUSTOMER = "blame-customer", _("Blames the customer")
    IMPERATIVE = "imperative", _("Command")
    RHETORICAL = "rhetorical", _("Rhetorical question")
    NEGATIVE_HEAVY = "negative-heavy", _("Too many negatives")
    CONFLICT = "conflict", _("Insult or clash")
    DISPARAGE_PEERS = "disparage-peers", _("Disparages peers")
    EXAGGERATION = "exaggeration", _("Exaggeration")
    URGENCY_CLAIM = "urgency-claim", _("Claim of urgency")
    PAID_REVIEW = "paid-review", _("Money for a review")
    PRIVACY = "privacy", _("Privacy")
    OFF_PLATFORM = "off-platform", _("Leads off the platform")
    TYPO = "typo", _("Typo")
    UNLAWFUL_TERM = "unlawful-term", _("Unlawful term")
    DENIAL = "denial", _("Denial")
    BUCK_PASSING = "buck-passing", _("Passes the buck")
    GUESSING = "guessing", _("Guess")
    REVIEW_PRESSURE = "review-pressure", _("Pressure over a review")
    ACCUSE_CUSTOMER = "accuse-customer", _("Accuses the customer")
    DECIDE_FOR_CUSTOMER = "decide-for-customer", _("Decides for the customer")
    MEDICAL_CLAIM = "medical-claim", _("Medical claim")
    JARGON = "jargon", _("Jargon")


class Severity(TextChoices):
    """How grave a finding of the reply checker is: an error blocks, a warning asks for a rewrite, a hint is a note."""

    ERROR = "error", _("Must not be sent")
    WARNING = "warning", _("Rewrite")
    HINT = "hint", _("Could be better")


class RevisionState(TextChoices):
    """The life of a revision. The workflow between draft and published is the Workshop's."""

    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for approval")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")


class FeedbackKind(TextChoices):
    ERROR = "error", _("Report an error")
    SUGGESTION = "suggestion", _("Suggest")
