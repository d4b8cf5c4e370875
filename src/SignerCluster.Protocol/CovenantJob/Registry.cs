using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>What a registry says when it is asked. Nothing that is not there looks like a value (C6).</summary>
public abstract record Reading<T>
{
    private Reading()
    {
    }

    public sealed record Available(T Value) : Reading<T>;

    /// <summary>The registry cannot be asked, or what it says cannot be trusted.</summary>
    /// <param name="Reason">A stable snake_case name.</param>
    public sealed record Unavailable(string Reason, DateTimeOffset Since) : Reading<T>;

    /// <summary>The registry answers, and has no such thing.</summary>
    public sealed record Unknown : Reading<T>;
}

/// <summary>A reserve as the registry has it.</summary>
/// <param name="Groups">The groups that sign for it.</param>
/// <param name="Depositors">The keys of its depositors; null where anybody may deposit.</param>
/// <param name="Custodians">The keys of its custodians; none where it has no <c>qc_v1</c>.</param>
/// <param name="Quoter">Who quotes plans; null where nobody does.</param>
/// <param name="NeedsCertificate">Must the signers have approved each transaction?</param>
public sealed record ReserveRecord(
    ulong Epoch,
    IReadOnlyCollection<GroupId> Groups,
    IReadOnlyCollection<Bytes32>? Depositors,
    IReadOnlyCollection<Bytes32> Custodians,
    Bytes32? Quoter,
    bool NeedsCertificate);

/// <summary>What the registry said of the reserve of a job, and the height of the chain that it knows.</summary>
public sealed record RegistryFacts(Reading<ReserveRecord> Reserve, Reading<uint> Height)
{
    /// <summary>For what is about no reserve.</summary>
    public static RegistryFacts None { get; } = new(new Reading<ReserveRecord>.Unknown(), new Reading<uint>.Unknown());
}

/// <summary>Where registry data come from.</summary>
public interface IRegistry
{
    /// <summary>Answers at once from what is known; never throws.</summary>
    RegistryFacts Ask(string reserve);
}
