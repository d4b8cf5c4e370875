using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>What must hold of a job. Null means that it does.</summary>
internal static class JobCheck
{
    /// <summary>The request by itself, and what the node's operator allows: the transaction, its approvals, the group.</summary>
    internal static Refusal? OfRequest(JobAddress address, JobRequest request, Standing standing)
    {
        if (request.Version != 1 || request.Terms.Kind != address.Route)
        {
            return request.Version != 1 ? JobRefusals.VersionUnknown(request.Version) : JobRefusals.RouteMismatch(address.Route, request.Terms.Kind);
        }

        return request.TryMakeSigning(standing.PaymentLimits, out SigningRequest? signing, out Refusal? refusal)
            ? RequestPolicy.CheckGroup(standing, request.Group) ?? RequestPolicy.Check(standing, signing)
            : refusal;
    }

    /// <summary>What the registry must say: each time anew, because reserves change and certificates end.</summary>
    internal static Refusal? OfRegistry(JobRequest request, RegistryFacts registry) => registry.Reserve switch
    {
        Reading<ReserveRecord>.Available { Value: var reserve } => OfReserve(request, reserve) ?? OfCertificate(request, reserve, registry.Height),
        Reading<ReserveRecord>.Unavailable { Reason: var reason, Since: var since } => JobRefusals.RegistryUnavailable(reason, since),
        _ => JobRefusals.ReserveUnknown(request.Reserve),
    };

    /// <summary>A quote has to be fresh only when the job is accepted.</summary>
    internal static Refusal? OfQuote(JobAddress address, JobRequest request, JobAsked asked)
    {
        // A registry that says nothing is told by the check of the registry.
        if (asked.Registry.Reserve is not Reading<ReserveRecord>.Available { Value.Quoter: { } stated })
        {
            return null;
        }

        return request.Quote switch
        {
            null => JobRefusals.QuoteMissing,
            { } quote when asked.Now < quote.IssuedAt || asked.Now >= quote.ExpiresAt => JobRefusals.QuoteNotFresh(quote, asked.Now),
            { } quote => XOnlyPublicKey.TryParse(stated.AsSpan(), out XOnlyPublicKey quoter)
                && Bip340.Verify(quoter, request.QuoteMessageFor(address, quote.IssuedAt, quote.ExpiresAt).AsSpan(), quote.Signature)
                    ? null
                    : JobRefusals.QuoteInvalid,
        };
    }

    private static Refusal? OfReserve(JobRequest request, ReserveRecord reserve) => request.Terms switch
    {
        _ when reserve.Epoch != request.Epoch => JobRefusals.EpochMismatch(reserve.Epoch, request.Epoch),
        { Signer: var signer } when !reserve.Groups.Contains(new GroupId(signer)) => JobRefusals.KeyNotOfReserve(CovenantRole.Signer, signer),
        { Depositor: var depositor } when reserve.Depositors?.Contains(depositor) == false =>
            JobRefusals.KeyNotOfReserve(CovenantRole.Depositor, depositor),
        { Custodian.Key: var custodian } when !reserve.Custodians.Contains(custodian) => JobRefusals.KeyNotOfReserve(CovenantRole.Custodian, custodian),
        _ => null,
    };

    private static Refusal? OfCertificate(JobRequest request, ReserveRecord reserve, Reading<uint> height) => (reserve.NeedsCertificate, request.Certificate) switch
    {
        (false, null) => null,
        (true, null) => JobRefusals.CertificateMissing,
        (_, { } certificate) => height switch
        {
            Reading<uint>.Available { Value: var at } => at > certificate.EndBlock ? JobRefusals.CertificateExpired(certificate.EndBlock, at)
                : IsOfGroup(request, certificate) ? null : JobRefusals.CertificateInvalid,
            Reading<uint>.Unavailable { Reason: var reason, Since: var since } => JobRefusals.RegistryUnavailable(reason, since),
            _ => JobRefusals.HeightUnknown,
        },
    };

    private static bool IsOfGroup(JobRequest request, SignerCertificate certificate) =>
        XOnlyPublicKey.TryParse(request.Terms.Signer.AsSpan(), out XOnlyPublicKey group)
        && request.Payment.TryMakeSpend(request.Terms, Bitcoin.Psbts.PaymentLimits.None, out CovenantSpend? spend, out _)
        && certificate.IsFor(group, spend.Plan.Unsigned.Txid);
}
