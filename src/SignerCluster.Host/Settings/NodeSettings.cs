using System.Net;
using Akka.Configuration;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Actors.Wakers;
using SignerCluster.Host.Http;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Links;
using SignerCluster.Trust;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Settings;

/// <summary>What a node does.</summary>
internal enum NodeRole
{
    /// <summary>Holds seats and signs with their shares.</summary>
    Participant,

    /// <summary>Takes requests and runs the sessions.</summary>
    Coordinator,
}

/// <summary>Everything that a node is told by its configuration. Paths are absolute; no part of it is secret.</summary>
/// <param name="Name">Unique among all nodes of a party.</param>
/// <param name="Roles">At least one, none twice.</param>
/// <param name="Participant">Null without that role.</param>
/// <param name="Coordinator">Null without that role; its party is another one than the participant's.</param>
/// <param name="AkkaOverrides">What the file sets below <c>akka</c>, to be laid over what the program sets there; nothing in it touches what safety rests
/// on.</param>
internal sealed record NodeSettings(
    string Name,
    IReadOnlyList<NodeRole> Roles,
    string RosterFile,
    Profile Profile,
    NodeHttpSettings Http,
    LogLevel LogLevel,
    ParticipantRoleSettings? Participant,
    CoordinatorRoleSettings? Coordinator,
    Config AkkaOverrides)
{
    /// <summary>The roles that the node has, each with a party of its own; the participant first.</summary>
    internal IReadOnlyList<RoleSettings> Parties => [.. ((RoleSettings?[])[Participant, Coordinator]).OfType<RoleSettings>()];

    /// <summary>Reads a node's file, laid over <c>hocon/reference.conf</c>. Throws <see cref="SettingsException"/> with all errors that are found.</summary>
    /// <param name="environment">Gives the value of a variable; null where it is not set.</param>
    internal static NodeSettings Load(string path, Func<string, string?> environment) => NodeFile.Load(path, environment).Settings;
}

/// <summary>Where a node serves HTTP. Not on loopback only with a token.</summary>
/// <param name="TokenFile">The file that holds the bearer token; null for none.</param>
internal sealed record NodeHttpSettings(IPEndPoint Listen, string? TokenFile, HttpLimits Limits)
{
    /// <summary>Reads the token. Throws <see cref="HttpSettingsException"/>.</summary>
    internal HttpSettings Open() => new(Listen, TokenFile is null ? null : BearerToken.Load(TokenFile)) { Limits = Limits };
}

/// <summary>What every role needs.</summary>
/// <param name="Party">As the roster names it.</param>
/// <param name="Provider">Where the key-encryption key comes from.</param>
/// <param name="SessionExpiry">How long a session may stay open.</param>
/// <param name="StopGrace">How long a stop waits for what is in progress.</param>
internal record RoleSettings(
    string Party,
    string IdentityFile,
    DatabaseSettings Database,
    TlsSettings Tls,
    PartyNodesSettings Nodes,
    LinkSettings Links,
    KeyProviderSettings Provider,
    KeyKeeperSettings Keys,
    SigningPolicy Policy,
    WakerSettings Waker,
    TimeSpan SessionExpiry,
    TimeSpan StopGrace)
{
    /// <summary>What may be paid from the groups; null for no rule of that kind.</summary>
    internal string? PolicyFile { get; init; }
}

/// <summary>The role <see cref="NodeRole.Participant"/>.</summary>
/// <param name="Coordinators">Where the coordinators' nodes accept links; at least one.</param>
internal sealed record ParticipantRoleSettings(RoleSettings Role, IReadOnlyList<DnsEndPoint> Coordinators, NonceVaultSettings Nonces) : RoleSettings(Role);

/// <summary>The role <see cref="NodeRole.Coordinator"/>.</summary>
/// <param name="LinkListen">Where participants' nodes dial.</param>
internal sealed record CoordinatorRoleSettings(RoleSettings Role, IPEndPoint LinkListen, SeatAskSettings Seats) : RoleSettings(Role)
{
    /// <summary>Where covenant jobs look reserves up; null to take no such jobs.</summary>
    internal RegistrySettings? Registry { get; init; }
}

/// <summary>With what a node shows itself, to its party's other nodes and over links; PEM files. The roster pins it.</summary>
internal sealed record TlsSettings(string CertificateFile, string KeyFile);

/// <summary>How the nodes of one party reach each other.</summary>
/// <param name="Listen">Where this node listens for them.</param>
/// <param name="Address">Under which they reach this node.</param>
/// <param name="All">The addresses of all nodes of the party.</param>
internal sealed record PartyNodesSettings(IPEndPoint Listen, DnsEndPoint Address, IReadOnlyList<DnsEndPoint> All);

/// <summary>A party's database.</summary>
/// <param name="UsesTls">With the server's certificate checked.</param>
/// <param name="CaFile">Certificates of those who may sign the server's; null for the machine's own list.</param>
/// <param name="Connections">At most, at once.</param>
internal sealed record DatabaseSettings(
    string Host, int Port, string Name, string User, string PasswordFile, bool UsesTls, string? CaFile, int Connections, TimeSpan ConnectTimeout,
    TimeSpan CommandTimeout);

/// <summary>The links between parties, and the signed messages on them.</summary>
/// <param name="Limits">Of one link.</param>
/// <param name="AnswerTimeout">How long a node waits for one answer.</param>
internal sealed record LinkSettings(LinkLimits Limits, TimeSpan AnswerTimeout, MessageSettings Messages);
