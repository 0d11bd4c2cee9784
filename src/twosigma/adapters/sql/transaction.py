"""What can be read and written in one transaction."""

from twosigma.adapters.sql.accounts import SqlAccounts, SqlRefreshTokens
from twosigma.adapters.sql.activity import SqlActivity
from twosigma.adapters.sql.api_keys import SqlApiKeys
from twosigma.adapters.sql.audit import SqlAudit
from twosigma.adapters.sql.branches import SqlBranches
from twosigma.adapters.sql.cache import SqlCache
from twosigma.adapters.sql.catalog import SqlCatalog
from twosigma.adapters.sql.chat import SqlChat
from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.content import SqlContent
from twosigma.adapters.sql.credentials import SqlCredentials
from twosigma.adapters.sql.enrollments import SqlEnrollments
from twosigma.adapters.sql.epochs import SqlEpochs
from twosigma.adapters.sql.feature_requests import SqlFeatureRequests
from twosigma.adapters.sql.invitations import SqlInvitations
from twosigma.adapters.sql.limits import SqlSignInFailures
from twosigma.adapters.sql.modules import SqlModules
from twosigma.adapters.sql.overview import SqlOverview
from twosigma.adapters.sql.password_resets import SqlPasswordResets
from twosigma.adapters.sql.places import SqlPlaces
from twosigma.adapters.sql.profiles import SqlProfiles
from twosigma.adapters.sql.progress import SqlProgressRecords
from twosigma.adapters.sql.prompts import SqlPrompts
from twosigma.adapters.sql.repeats import SqlRepeats
from twosigma.adapters.sql.spending import SqlSpending


class SqlTransaction:
    """The parts over one connection; the port `Read` is its reading half."""

    def __init__(self, sql: Sql) -> None:
        self.accounts = SqlAccounts(sql)
        self.refresh_tokens = SqlRefreshTokens(sql)
        self.password_resets = SqlPasswordResets(sql)
        self.api_keys = SqlApiKeys(sql)
        self.profiles = SqlProfiles(sql)
        self.places = SqlPlaces(sql)
        self.catalog = SqlCatalog(sql)
        self.enrollments = SqlEnrollments(sql)
        self.invitations = SqlInvitations(sql)
        self.progress = SqlProgressRecords(sql)
        self.overview = SqlOverview(sql)
        self.modules = SqlModules(sql)
        self.content = SqlContent(sql)
        self.branches = SqlBranches(sql)
        self.chat = SqlChat(sql)
        self.cache = SqlCache(sql)
        self.prompts = SqlPrompts(sql)
        self.activity = SqlActivity(sql)
        self.audit = SqlAudit(sql)
        self.sign_in_failures = SqlSignInFailures(sql)
        self.repeats = SqlRepeats(sql)
        self.epochs = SqlEpochs(sql)
        self.feature_requests = SqlFeatureRequests(sql)
        self.credentials = SqlCredentials(sql)
        self.spending = SqlSpending(sql)
