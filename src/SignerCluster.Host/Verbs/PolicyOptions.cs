using System.CommandLine;
using System.Globalization;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Policies;

namespace SignerCluster.Host.Verbs;

/// <summary>What a cluster in this process may sign. A node of a cluster has it in its file, and no caller can change it there.</summary>
internal sealed class PolicyOptions
{
    private readonly Option<bool> _allowRaw = new("--allow-raw") { Description = "Let bare messages be signed, which nothing explains." };
    private readonly Option<bool> _allowPartialSighash =
        new("--allow-partial-sighash") { Description = "Let hash types be used that leave parts of the transaction open to change." };
    private readonly Option<long> _maximumFee = Ceiling("--maximum-fee", "The highest fee of a payment, in satoshis.", PaymentLimits.Default.MaximumFeeSat);
    private readonly Option<long> _maximumFeeRate =
        Ceiling("--maximum-fee-rate", "The highest fee in satoshis a virtual byte.", PaymentLimits.Default.MaximumSatPerVirtualByte);

    private readonly Option<string?> _file =
        new("--policy") { Description = "What may be paid from the groups; policy.json in the data directory where not given.", HelpName = "FILE" };

    internal void AddTo(Command verb)
    {
        verb.Options.Add(_allowRaw);
        verb.Options.Add(_allowPartialSighash);
        AddPaymentsTo(verb);
    }

    /// <summary>For a verb that signs whole payments and nothing else.</summary>
    internal void AddPaymentsTo(Command verb)
    {
        verb.Options.Add(_file);
        verb.Options.Add(_maximumFee);
        verb.Options.Add(_maximumFeeRate);
    }

    /// <summary>Throws <see cref="UsageException"/> for a ceiling that is no amount, and for a file that cannot be used.</summary>
    internal ClusterSettings Read(ParseResult parsed)
    {
        string? file = parsed.GetValue(_file);
        _ = file is null ? null : LoadFile(_file.Name, file);
        return new ClusterSettings
        {
            Policy = new SigningPolicy
            {
                AllowRaw = parsed.GetValue(_allowRaw),
                AllowPartialSighash = parsed.GetValue(_allowPartialSighash),
                PaymentLimits = PaymentLimits.Default with
                {
                    MaximumFeeSat = Amount(parsed, _maximumFee),
                    MaximumSatPerVirtualByte = Amount(parsed, _maximumFeeRate),
                },
            },
            PolicyFile = file,
        };
    }

    /// <summary>The policies of a file that was named; throws <see cref="UsageException"/> when it cannot be used.</summary>
    /// <param name="name">What the caller typed it as.</param>
    internal static SpendingPolicies LoadFile(string name, string path)
    {
        try
        {
            return SpendingPolicies.Load(path);
        }
        catch (DataDirectoryException fault)
        {
            throw new UsageException(fault.Code, $"{name}: {fault.Message}");
        }
    }

    /// <summary>Throws <see cref="UsageException"/> when a ceiling or a policy is given for a signer elsewhere, which has its own.</summary>
    internal void RequireNone(ParseResult parsed)
    {
        if (parsed.GetValue(_file) is not null)
        {
            throw new UsageException("policy_with_url", $"{_file.Name}: a running signer has its own; it is set where that signer is started.");
        }

        foreach (Option<long> ceiling in (Option<long>[])[_maximumFee, _maximumFeeRate])
        {
            if (IsGiven(parsed, ceiling))
            {
                throw new UsageException("fee_ceiling_with_url", $"{ceiling.Name}: a running signer has its own; it is set where that signer is started.");
            }
        }
    }

    /// <summary>The options that were given, as they are typed.</summary>
    internal IEnumerable<string> Words(ParseResult parsed) =>
    [
        .. parsed.GetValue(_file) is { } file ? [_file.Name, file] : Array.Empty<string>(),
        .. parsed.GetValue(_allowRaw) ? [_allowRaw.Name] : Array.Empty<string>(),
        .. parsed.GetValue(_allowPartialSighash) ? [_allowPartialSighash.Name] : Array.Empty<string>(),
        .. ((Option<long>[])[_maximumFee, _maximumFeeRate]).Where(ceiling => IsGiven(parsed, ceiling))
            .SelectMany(ceiling => (string[])[ceiling.Name, parsed.GetValue(ceiling).ToString(CultureInfo.InvariantCulture)]),
    ];

    private static Option<long> Ceiling(string name, string description, long usual) =>
        new(name) { Description = description, HelpName = "SAT", DefaultValueFactory = _ => usual };

    private static bool IsGiven(ParseResult parsed, Option<long> ceiling) => parsed.GetResult(ceiling) is { Implicit: false };

    private static long Amount(ParseResult parsed, Option<long> ceiling)
    {
        long amountSat = parsed.GetValue(ceiling);
        return amountSat is >= 0 and <= TxOut.MaximumAmountSat
            ? amountSat
            : throw new UsageException("fee_ceiling_out_of_range", $"{ceiling.Name}: satoshis in 0..{TxOut.MaximumAmountSat}, not {amountSat}.");
    }
}
