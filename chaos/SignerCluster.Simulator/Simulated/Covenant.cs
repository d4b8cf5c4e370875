using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// Covenants of a group and approved requests to spend them, out of a small set, so that one request under two ids, and two under one, are common.
/// </summary>
internal sealed class Covenant
{
    internal const string Reserve = "reserve-1";
    internal const ulong Epoch = 7;
    private const uint Maturity = 900_000;
    private const int Requests = 8;
    private readonly GroupId _group;
    private readonly SigningKey _depositor = KeyOf(1);
    private readonly SigningKey _custodian = KeyOf(2);
    private readonly JobRequest[] _requests;

    internal Covenant(GroupId group)
    {
        _group = group;
        _requests = [.. Enumerable.Range(0, Requests).Select(Make)];
    }

    /// <summary>The route that takes a request.</summary>
    internal static CovenantKind RouteOf(int number) => number % 2 == 0 ? CovenantKind.SelfV1 : CovenantKind.QcV1;

    /// <summary>The reserve as its registry has it.</summary>
    internal ReserveRecord RecordIn(ulong epoch) =>
        new(epoch, [_group], Depositors: null, [_custodian.Public.ToBytes()], Quoter: null, NeedsCertificate: false);

    /// <summary>The number of a request that a route takes.</summary>
    internal static int Choose(Kernel.Choices choices, CovenantKind route) => (2 * choices.Below(Requests / 2)) + (route == CovenantKind.SelfV1 ? 0 : 1);

    internal JobRequest Request(int number) => _requests[number];

    /// <summary>What the group signs for a request.</summary>
    internal static Bytes32 SighashOf(JobRequest request) => SpendOf(request.Terms, request.Payment).Sighash;

    private JobRequest Make(int number)
    {
        CovenantKind kind = RouteOf(number);
        CovenantTerms terms = new(
            kind,
            _depositor.Public.ToBytes(),
            _group.X,
            Maturity,
            1_008,
            kind == CovenantKind.QcV1 ? new CovenantCustodian(_custodian.Public.ToBytes(), 144) : null);
        CovenantPayment payment = new(
            new string('d', 64),
            (uint)number,
            1_000_000,
            CovenantBranch.Matured,
            Maturity,
            Batch.Of([new CovenantOutput(Taproot.ScriptPubKey(_depositor.Public), 900_000 - number)]));
        Bytes32 message = Approval.MessageOf(_group, SpendOf(terms, payment).Plan.Unsigned.Txid);
        SigningKey[] people = kind == CovenantKind.QcV1 ? [_depositor, _custodian] : [_depositor];
        return new JobRequest(
            1,
            Reserve,
            Epoch,
            terms,
            payment,
            Batch.Of(people.Select(key => new Approval(key.Public, key.Sign(message.AsSpan(), message.AsSpan())))));
    }

    private static CovenantSpend SpendOf(CovenantTerms terms, CovenantPayment payment) =>
        payment.TryMakeSpend(terms, PaymentLimits.Default, out CovenantSpend? spend, out Refusal? refusal)
            ? spend
            : throw new InvalidOperationException(refusal.ToString());

    private static SigningKey KeyOf(byte number)
    {
        byte[] secret32 = new byte[32];
        secret32[^1] = number;
        if (!SecretScalar.TryParse(secret32, out SecretScalar? secret))
        {
            throw new InvalidOperationException("A small number is a secret key.");
        }

        using (secret)
        {
            return new SigningKey(secret);
        }
    }
}
