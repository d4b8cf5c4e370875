using System.Text.Json;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Tests;

/// <summary>A published vector file. A file without test groups is read as one group.</summary>
internal sealed class VectorFile
{
    private readonly JsonElement[] _groups;

    private VectorFile(JsonElement[] groups) => _groups = groups;

    internal static VectorFile Load(string folder, string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Vectors", folder, name);
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
        return new VectorFile(root.TryGetProperty("test_groups", out JsonElement groups) ? [.. groups.EnumerateArray()] : [root]);
    }

    internal TheoryData<int, int> Cases(string kind)
    {
        TheoryData<int, int> cases = [];
        for (int group = 0; group < _groups.Length; group++)
        {
            foreach (JsonElement entry in _groups[group].GetProperty(kind).EnumerateArray())
            {
                cases.Add(group, entry.GetProperty("tc_id").GetInt32());
            }
        }

        return cases;
    }

    internal VectorCase Find(string kind, int group, int id) =>
        new(_groups[group], _groups[group].GetProperty(kind).EnumerateArray().Single(entry => entry.GetProperty("tc_id").GetInt32() == id));
}

/// <summary>One case and the pools of its group, as the types that the library takes.</summary>
internal sealed class VectorCase(JsonElement group, JsonElement entry)
{
    internal IReadOnlyList<long> Ids => [.. entry.GetProperty("ids").EnumerateArray().Select(static id => id.GetInt64())];

    internal SeatId MySeat => new(Int("my_id"));

    internal byte[] Message => Bytes("msg")!;

    internal AggregateNonce AggregateNonce => new(FixedBytes.ParseHex<Bytes66>(Text("aggnonce")));

    internal Commitment[] Commitments => [.. Pool("pubnonces", "pubnonce_indices").Select(static hex => new Commitment(FixedBytes.ParseHex<Bytes66>(hex)))];

    internal byte[] SecretShare => FromPool("secshares", "secshare_index");

    internal byte[] SecretNonce => FromPool("secnonces", "secnonce_index");

    internal bool HasPublicShares => entry.GetProperty("pubshare_indices").ValueKind != JsonValueKind.Null;

    private IReadOnlyList<Bytes33>? PublicShares =>
        HasPublicShares ? [.. Pool("pubshares", "pubshare_indices").Select(static hex => FixedBytes.ParseHex<Bytes33>(hex))] : null;

    internal int Int(string name) => entry.GetProperty(name).GetInt32();

    internal string Text(string name) => entry.GetProperty(name).GetString()!;

    internal string[] Texts(string name) => [.. entry.GetProperty(name).EnumerateArray().Select(static text => text.GetString()!)];

    /// <summary>Null where the file has null or no such field.</summary>
    internal byte[]? Bytes(string name) =>
        entry.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? Convert.FromHexString(value.GetString()!) : null;

    /// <summary>As <see cref="Bytes"/>; a null in a conditional converts to an empty memory, which is another input.</summary>
    internal ReadOnlyMemory<byte>? Memory(string name) => Bytes(name) is { } bytes ? new ReadOnlyMemory<byte>(bytes) : default(ReadOnlyMemory<byte>?);

    internal Outcome<SignerSelection> Selection() => SignerSelection.Create(
        group.GetProperty("t").GetInt32(),
        group.GetProperty("n").GetInt32(),
        FixedBytes.ParseHex<Bytes33>(group.GetProperty("thresh_pk").GetString()),
        Ids,
        PublicShares);

    internal Outcome<TweakedKey> TweakedKey(Point groupKey) => SignerCluster.Frost.Tweaks.TweakedKey.Create(
        groupKey,
        [.. Tweaks().Select(static hex => new ReadOnlyMemory<byte>(Convert.FromHexString(hex)))],
        entry.TryGetProperty("is_xonly", out JsonElement modes)
            ? [.. modes.EnumerateArray().Select(static xOnly => xOnly.GetBoolean() ? TweakMode.XOnly : TweakMode.Plain)]
            : []);

    /// <summary>Everything between the raw lists and the session values, stopping at the first refusal.</summary>
    internal Outcome<SessionValues> Session(AggregateNonce nonce)
    {
        if (!Selection().TryGet(out SignerSelection? selection, out FrostRefusal? refusal)
            || !TweakedKey(selection.Group.GroupKey).TryGet(out TweakedKey? key, out refusal))
        {
            return refusal;
        }

        return SessionValues.Create(selection.Group, selection.Signers, nonce, key, Message);
    }

    /// <summary>Is the refusal the one that the case expects: kind of error, index, and contribution?</summary>
    internal void AssertRefusal(FrostRefusal refusal)
    {
        JsonElement error = entry.GetProperty("error");
        if (error.GetProperty("type").GetString() == "InvalidContributionError")
        {
            (string code, Contribution contribution) = ErrorCodes.OfContribution(error.GetProperty("contrib").GetString()!);
            JsonElement signer = error.GetProperty("signer_index");
            Assert.Equal(code, refusal.Code);
            Assert.Equal(contribution, refusal.Contribution);
            Assert.Equal(signer.ValueKind == JsonValueKind.Null ? null : signer.GetInt32(), refusal.BlamedIndex);
            return;
        }

        (string expected, int? index) = ErrorCodes.OfMessage(error.GetProperty("message").GetString()!);
        Assert.Equal(expected, refusal.Code);
        Assert.Null(refusal.Contribution);
        if (index is not null)
        {
            Assert.Equal(index, refusal.BlamedIndex);
        }
    }

    internal IEnumerable<string> Pool(string pool, string indices)
    {
        string[] entries = [.. group.GetProperty(pool).EnumerateArray().Select(static text => text.GetString()!)];
        return entry.GetProperty(indices).EnumerateArray().Select(index => entries[index.GetInt32()]);
    }

    private IEnumerable<string> Tweaks() =>
        entry.TryGetProperty("tweak_indices", out _) ? Pool("tweaks", "tweak_indices")
        : entry.TryGetProperty("tweaks", out _) ? Texts("tweaks")
        : [];

    private byte[] FromPool(string pool, string index) => Convert.FromHexString(group.GetProperty(pool)[Int(index)].GetString()!);
}

/// <summary>The vectors' errors in terms of our codes. An unknown one fails the test that meets it.</summary>
internal static class ErrorCodes
{
    private static readonly Dictionary<string, (string Code, int? Index)> _messages = new(StringComparer.Ordinal)
    {
        ["The signer's id is missing from the ids list."] = (FrostCode.SignerNotInSet, null),
        ["The ids list contains duplicate elements."] = (FrostCode.DuplicateSeat, null),
        ["The signer's pubshare is missing from the pubshares list."] = (FrostCode.OwnPublicShareMismatch, null),
        ["Invalid pubshare at index 0."] = (FrostCode.InvalidPublicShare, 0),
        ["Invalid pubshare at index 1."] = (FrostCode.InvalidPublicShare, 1),
        ["Invalid id at index 0"] = (FrostCode.SeatOutOfRange, 0),
        ["The threshold public key must not be the point at infinity."] = (FrostCode.GroupKeyInfinite, null),
        ["The provided key material is incorrect: the public shares do not match the threshold public key."] = (FrostCode.PublicSharesMismatch, null),
        ["The number of signers must be between t and n."] = (FrostCode.SignerCountOutOfRange, null),
        ["The psigs and ids lists must have the same length."] = (FrostCode.ShareCountMismatch, null),
        ["The signer's secret share value is out of range."] = (FrostCode.SecretShareOutOfRange, null),
        ["first secnonce value is out of range."] = (FrostCode.FirstNonceOutOfRange, null),
        ["second secnonce value is out of range."] = (FrostCode.SecondNonceOutOfRange, null),
        ["The tweak must be a 32-byte array."] = (FrostCode.TweakLength, 0),
        ["The tweak value is out of range."] = (FrostCode.TweakOutOfRange, 0),
        ["The result of tweaking cannot be infinity."] = (FrostCode.TweakedKeyInfinite, 0),
        ["The tweaks and is_xonly arrays must have the same length."] = (FrostCode.TweakCountMismatch, null),
    };

    internal static (string Code, int? Index) OfMessage(string message) => _messages[message];

    internal static (string Code, Contribution Contribution) OfContribution(string name) => name switch
    {
        "pubnonce" => (FrostCode.InvalidCommitment, Contribution.Commitment),
        "aggnonce" => (FrostCode.InvalidAggregateNonce, Contribution.AggregateNonce),
        "aggothernonce" => (FrostCode.InvalidOthersAggregateNonce, Contribution.OthersAggregateNonce),
        "psig" => (FrostCode.ShareOutOfRange, Contribution.Share),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such contribution."),
    };
}
