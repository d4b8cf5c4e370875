using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>
/// A BIP-0032 path below the group's key: at most <see cref="MaximumDepth"/> steps, none of them hardened. Text: <c>m</c> for the group's own key, else such
/// as <c>m/0/5</c>, in one spelling only. Value equality.
/// </summary>
public sealed class DerivationPath : IEquatable<DerivationPath>
{
    /// <summary>More than any wallet uses. A request of a signer has room for so many tweaks and the taproot tweak behind them.</summary>
    public const int MaximumDepth = 7;

    private const uint FirstHardened = 0x8000_0000;
    private readonly uint[] _steps;

    private DerivationPath(uint[] steps) => _steps = steps;

    /// <summary>The path without steps: the group's own key.</summary>
    public static DerivationPath Root { get; } = new([]);

    /// <summary>Each below 2147483648.</summary>
    public IReadOnlyList<uint> Steps => _steps;

    public static bool operator ==(DerivationPath? left, DerivationPath? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(DerivationPath? left, DerivationPath? right) => !(left == right);

    /// <summary>m/0/N, where wallets receive. Throws <see cref="ArgumentOutOfRangeException"/> for 2147483648 and above.</summary>
    public static DerivationPath Receiving(uint index) => new([0, Unhardened(index)]);

    /// <summary>m/1/N, where wallets send their change. Throws as <see cref="Receiving"/> does.</summary>
    public static DerivationPath Change(uint index) => new([1, Unhardened(index)]);

    /// <summary>Refuses hardened steps (<c>path_hardened</c>), which need a secret that nobody has, and too many of them (<c>path_too_deep</c>).</summary>
    public static bool TryFrom(
        IReadOnlyList<uint> steps, [NotNullWhen(true)] out DerivationPath? path, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        refusal = steps.Count > MaximumDepth ? TooDeep : steps.Any(static step => step >= FirstHardened) ? Hardened : null;
        path = refusal is null ? new DerivationPath([.. steps]) : null;
        return path is not null;
    }

    /// <summary>As <see cref="TryFrom"/>, and refuses what is no path, or one in another spelling (<c>path_malformed</c>).</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DerivationPath? path, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        path = null;
        string[] parts = text.Split('/');
        if (parts.Skip(1).Any(static part => part.Length > 0 && part[^1] is '\'' or 'h' or 'H'))
        {
            refusal = Hardened;
            return false;
        }

        List<uint> steps = [];
        foreach (string part in parts.Skip(1))
        {
            if (!uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out uint step))
            {
                refusal = Malformed;
                return false;
            }

            steps.Add(step);
        }

        if (!TryFrom(steps, out path, out refusal))
        {
            return false;
        }

        refusal = path.ToString() == text ? null : Malformed;
        path = refusal is null ? path : null;
        return path is not null;
    }

    public bool Equals(DerivationPath? other) => other is not null && _steps.AsSpan().SequenceEqual(other._steps);

    public override bool Equals(object? obj) => Equals(obj as DerivationPath);

    public override int GetHashCode() => _steps.Aggregate(_steps.Length, HashCode.Combine);

    public override string ToString() => string.Join('/', _steps.Select(static step => step.ToString(CultureInfo.InvariantCulture)).Prepend("m"));

    /// <summary>Reads 32-bit little-endian steps, as PSBTs have them; refuses as <see cref="TryFrom"/> does. The length is a multiple of 4.</summary>
    internal static bool TryRead(
        ReadOnlySpan<byte> steps, [NotNullWhen(true)] out DerivationPath? path, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        if (steps.Length / sizeof(uint) > MaximumDepth)
        {
            (path, refusal) = (null, TooDeep);
            return false;
        }

        uint[] read = new uint[steps.Length / sizeof(uint)];
        for (int index = 0; index < read.Length; index++)
        {
            read[index] = BinaryPrimitives.ReadUInt32LittleEndian(steps[(sizeof(uint) * index)..]);
        }

        return TryFrom(read, out path, out refusal);
    }

    private static uint Unhardened(uint index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, FirstHardened);
        return index;
    }

    private static BitcoinRefusal Hardened { get; } =
        new(RefusalCodes.PathHardened, $"A hardened step cannot be derived from a public key. Use steps below {FirstHardened}, without a mark.");

    private static BitcoinRefusal TooDeep { get; } = new(RefusalCodes.PathTooDeep, $"A path has at most {MaximumDepth} steps.");

    private static BitcoinRefusal Malformed { get; } =
        new(RefusalCodes.PathMalformed, $"A path is m, or m and steps in 0..{FirstHardened - 1} without leading zeros, such as m/0/5.");
}
