using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;

namespace SignerCluster.Journal.Policies;

/// <summary>The policies of all groups of an operator, as one file has them.</summary>
public sealed class SpendingPolicies
{
    private const int Version = 1;

    /// <summary>Names all groups that the file does not name.</summary>
    private const string OtherGroups = "*";

    private readonly Dictionary<GroupId, SpendingPolicy> _named = [];
    private readonly SpendingPolicy _others;

    private SpendingPolicies(PolicyDocument document)
    {
        if (document.Version != Version)
        {
            throw new FormatException($"$.version: it is {document.Version}, not {Version}");
        }

        Network = document.Network switch
        {
            "mainnet" => Network.Mainnet,
            "testnet" or "signet" => Network.Testnet,
            "regtest" => Network.Regtest,
            _ => throw new FormatException("$.network: it is mainnet, testnet, signet or regtest"),
        };
        _others = SpendingPolicy.Unnamed;
        foreach ((string name, GroupPolicyDocument? rules) in document.Groups)
        {
            string path = $"$.groups.{name}";
            SpendingPolicy policy = new PolicyReading(Network, path).Read(rules ?? throw new FormatException($"{path}: it is null"));
            if (name == OtherGroups)
            {
                _others = policy;
            }
            else if (!GroupId.TryParse(name, out GroupId group) || !_named.TryAdd(group, policy))
            {
                throw new FormatException($"{path}: a group is the 64 hex digits of its id, once, or \"{OtherGroups}\" for all others");
            }
        }
    }

    /// <summary>Of the addresses in the file.</summary>
    public Network Network { get; }

    /// <summary>The groups that the file names.</summary>
    public IReadOnlyCollection<GroupId> Groups => _named.Keys;

    /// <summary>
    /// Reads a file. Throws <see cref="DataDirectoryException"/>: <c>policy_unreadable</c>, and <c>policy_invalid</c> with the place in the file of what is not
    /// as it must be.
    /// </summary>
    public static SpendingPolicies Load(string path) => Parse(Read(path), path);

    /// <summary>The policy of a group; one that refuses everything where the file says nothing of it.</summary>
    public SpendingPolicy Of(GroupId group) => _named.GetValueOrDefault(group, _others);

    internal static byte[] Read(string path)
    {
        try
        {
            return DurableFile.Read(path);
        }
        catch (DataDirectoryException fault)
        {
            throw new DataDirectoryException("policy_unreadable", fault.Message, isTransient: false, fault);
        }
    }

    /// <param name="place">Where it was found, for messages.</param>
    internal static SpendingPolicies Parse(ReadOnlySpan<byte> content, string place)
    {
        try
        {
            return new SpendingPolicies(JsonSerializer.Deserialize(content, PolicyJson.Default.PolicyDocument) ?? throw new FormatException("$: it is null"));
        }
        catch (FormatException fault)
        {
            throw Invalid(place, fault.Message, fault);
        }
        catch (JsonException fault)
        {
            // The serializer's own words are about types of this program.
            const string rule = "no field of a policy, there twice, without one of its parts, or not a value of its kind";
            throw Invalid(place, $"{fault.Path ?? "$"} in line {fault.LineNumber + 1 ?? 1}: {rule}", fault);
        }
    }

    private static DataDirectoryException Invalid(string place, string rule, Exception fault) =>
        new("policy_invalid", $"{place} is not a policy: {rule}.", isTransient: false, fault);
}
