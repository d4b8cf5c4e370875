using System.Globalization;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Policies;

/// <summary>Turns the rules of one group into its policy. Throws <see cref="FormatException"/> with the place of the first that cannot be one.</summary>
/// <param name="path">Where in the file the rules stand.</param>
internal sealed class PolicyReading(Network network, string path)
{
    private const string ScriptPrefix = "script:";

    private static readonly Dictionary<string, SighashType> _hashTypes = new(StringComparer.Ordinal)
    {
        ["DEFAULT"] = SighashType.Default,
        ["ALL"] = SighashType.All,
        ["NONE"] = SighashType.None,
        ["SINGLE"] = SighashType.Single,
        ["ALL|ANYONECANPAY"] = SighashType.AllAnyoneCanPay,
        ["NONE|ANYONECANPAY"] = SighashType.NoneAnyoneCanPay,
        ["SINGLE|ANYONECANPAY"] = SighashType.SingleAnyoneCanPay,
    };

    internal SpendingPolicy Read(GroupPolicyDocument rules)
    {
        SpendingPolicy unset = new();
        return new SpendingPolicy
        {
            Network = network,
            Allowed = rules.Allow is { } allowed ? Scripts("allow", allowed) : null,
            Denied = Scripts("deny", rules.Deny ?? []),
            Quarantined = Scripts("quarantine", rules.Quarantine ?? []),
            MaximumOutputs = rules.MaximumOutputs is not < 1 ? rules.MaximumOutputs : throw Wrong("maximumOutputs", "at least 1"),
            MaximumOutputSat = Amount("maximumOutputSat", rules.MaximumOutputSat),
            MaximumPaymentSat = Amount("maximumPaymentSat", rules.MaximumPaymentSat),
            MaximumDaySat = Amount("maximumDaySat", rules.MaximumDaySat),
            MaximumFeeRate = Amount("maximumFeeRate", rules.MaximumFeeRate),
            HashTypes = rules.HashTypes is { } types ? HashTypes(types) : unset.HashTypes,
            Window = rules.Window is { } window ? Window(window) : null,
            Approvals = rules.Approvals is { } approvals ? Approvals(approvals) : null,
        };
    }

    private ulong? Amount(string name, ulong? amount) =>
        amount is not > TxOut.MaximumAmountSat ? amount : throw Wrong(name, $"satoshis in 0..{TxOut.MaximumAmountSat}");

    private HashSet<Script> Scripts(string name, IReadOnlyList<string> texts) => Each<Script>(
        name, texts, $"an address of {network.ToString().ToLowerInvariant()}, or {ScriptPrefix} and hex, none twice", TryReadScript);

    private HashSet<SighashType> HashTypes(IReadOnlyList<string> names) => names.Count > 0
        ? Each<SighashType>("hashTypes", names, $"one of {string.Join(", ", _hashTypes.Keys)}, none twice", _hashTypes.TryGetValue)
        : throw Wrong("hashTypes", "at least one");

    private DailyWindow Window(WindowDocument window)
    {
        bool isTime = TryReadTime(window.From, out TimeOnly from) & TryReadTime(window.To, out TimeOnly to);
        return isTime && from != to
            ? new DailyWindow(from, to)
            : throw Wrong("window", "from and to are different times of the UTC day, such as \"08:00\" and \"18:00\"");
    }

    private ApprovalRule Approvals(ApprovalsDocument rule)
    {
        const string name = "approvals";
        HashSet<XOnlyPublicKey> approvers = Each<XOnlyPublicKey>(
            $"{name}.approvers",
            rule.Approvers,
            "the 64 hex digits of an identity key, none twice",
            static (string text, out XOnlyPublicKey key) => XOnlyPublicKey.TryParseHex(text, out key));
        return approvers.Count <= Approval.MaximumCount && rule.Needed >= 1 && rule.Needed <= approvers.Count
            ? new ApprovalRule(Amount($"{name}.aboveSat", rule.AboveSat)!.Value, rule.Needed, [.. approvers])
            : throw Wrong(name, $"at most {Approval.MaximumCount} approvers, and at least one of them needed");
    }

    private bool TryReadScript(string text, out Script script)
    {
        if (!text.StartsWith(ScriptPrefix, StringComparison.Ordinal))
        {
            bool isAddress = OutputAddress.TryDecode(network, text, out Script? paid, out _);
            script = paid ?? Script.Empty;
            return isAddress;
        }

        byte[] bytes = new byte[text.Length / 2];
        bool isHex = Convert.FromHexString(text.AsSpan(ScriptPrefix.Length), bytes, out _, out int length) == System.Buffers.OperationStatus.Done;
        script = Script.From(bytes.AsSpan(0, length));
        return isHex;
    }

    private static bool TryReadTime(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    private HashSet<T> Each<T>(string name, IReadOnlyList<string?> texts, string rule, Reader<T> read)
    {
        HashSet<T> values = [];
        foreach ((int index, string? text) in texts.Index())
        {
            if (text is null || !read(text, out T value) || !values.Add(value))
            {
                throw Wrong($"{name}[{index}]", $"{rule}, unlike '{text}'");
            }
        }

        return values;
    }

    private FormatException Wrong(string name, string rule) => new($"{path}.{name}: {rule}");

    private delegate bool Reader<T>(string text, out T value);
}
