using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Requests;
using SignerCluster.Conformance;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>
/// The embedded cluster over real journals while its key provider is gone and somebody else has rotated its keys: what is durable is answered, what would have
/// to be written is refused by name, and nothing has to be restarted afterwards.
/// </summary>
public sealed class ProviderOutageTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private OwnDirectory _own = null!;
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _own = await OwnDirectory.CreateAsync();
        _cluster = await Wiring.StartAsync(
            _own.Path, new ClusterSettings { Policy = new SigningPolicy { AllowRaw = true } }, NullLoggerFactory.Instance, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _own.Dispose();
    }

    [Fact]
    public async Task K3_D1_D2_Everywhere_down_durable_answers_are_served_writes_are_refused_and_recover_without_a_restart()
    {
        Bytes64 before = Signature(await SignAsync("before"));
        await OutageAsync([.. _cluster.Nodes]);

        Assert.Equal(before, Signature(await SignAsync("before")));
        SigningReport.Unavailable refused = Assert.IsType<SigningReport.Unavailable>(await SignAsync("during"));
        Assert.Equal("key_unavailable", refused.Code);
        Assert.Equal(before, Signature(await SignAsync("before")));
        Assert.Equal(0, await _cluster.CoordinatorJournal.ReadVersionAsync(IdOf("during"), CancellationToken.None));

        Restore();
        Bytes64 during = Signature(await SignAsync("during"));
        Assert.Equal(during, Signature(await SignAsync("during")));
        Signature(await SignAsync("after"));
        await AssertSoundAsync();
    }

    [Fact]
    public async Task K3_A4_One_participant_whose_provider_is_gone_costs_no_session()
    {
        await OutageAsync(_cluster.Nodes[1]);
        Signature(await SignAsync("one-down"));
        Restore();
        Signature(await SignAsync("all-up"));
        await AssertSoundAsync();
    }

    [Fact]
    public async Task K3_With_too_few_participants_left_an_accepted_session_waits_disturbs_no_other_and_completes_when_the_provider_is_back()
    {
        Bytes64 before = Signature(await SignAsync("before"));
        await OutageAsync(_cluster.Nodes[1], _cluster.Nodes[2]);

        Assert.IsType<SigningReport.Running>(await SignAsync("stuck", TimeSpan.Zero));
        Assert.Equal(before, Signature(await SignAsync("before")));
        Restore();
        Signature(await SignAsync("stuck"));
        await AssertSoundAsync();
    }

    [Fact]
    public async Task K1_K2_A_rotation_by_somebody_else_with_the_provider_up_is_followed_and_nothing_is_lost()
    {
        for (int round = 0; round < 3; round++)
        {
            foreach (NodeStorage node in _cluster.Nodes)
            {
                await RotateElsewhereAsync(node, node.Node.KeyPath);
            }

            Signature(await SignAsync($"round-{round}"));
        }

        await AssertSoundAsync();
    }

    /// <summary>Takes the nodes' key files away, and then lets a second keeper, which still has them, rotate.</summary>
    private static async Task OutageAsync(params NodeStorage[] nodes)
    {
        foreach (NodeStorage node in nodes)
        {
            File.Move(node.Node.KeyPath, Away(node));
            await RotateElsewhereAsync(node, Away(node));
        }
    }

    private static async Task RotateElsewhereAsync(NodeStorage node, string keyPath)
    {
        KeyKeeperParts parts = new(
            node.Store,
            new PlainRing(node.Store),
            Seats: null,
            new FileKeyProvider(keyPath),
            NodeStorageSettings.WithoutBackground.Keys,
            RandomNumberGenerator.Fill,
            TimeProvider.System,
            NullLoggerFactory.Instance);
        await using KeyKeeper elsewhere = await KeyKeeper.OpenAsync(parts);
        await elsewhere.RotateAsync(CancellationToken.None);
    }

    private void Restore()
    {
        foreach (NodeStorage node in _cluster.Nodes.Where(static node => File.Exists(Away(node))))
        {
            File.Move(Away(node), node.Node.KeyPath);
        }
    }

    private async Task AssertSoundAsync()
    {
        foreach (NodeStorage node in _cluster.Nodes)
        {
            using GroupDirectory groups =
                await GroupDirectory.LoadPublicAsync(node.Node.Documents, new SigningPolicy(), TimeProvider.System, CancellationToken.None);
            JournalAudit audit = new(node.Store, node.Keeper, new SeatFiles(node.Node.Documents), group => groups.StandingOf(group).Group);
            Assert.Empty((await audit.RunAsync(known: null, progress: null, CancellationToken.None)).Findings);
        }
    }

    private Task<SigningReport> SignAsync(string session, TimeSpan? patience = null) => _cluster.Cluster.Desk.SignMessageAsync(
        GroupId.Parse(_own.Group),
        SessionId.Parse(session),
        FixedBytes.From<Bytes32>(SHA256.HashData(Encoding.UTF8.GetBytes(session))),
        patience ?? _patience,
        CancellationToken.None);

    private EntityId IdOf(string session) => EntityAddress.Of(new CoordinatorAddress(GroupId.Parse(_own.Group), SessionId.Parse(session)));

    private static Bytes64 Signature(SigningReport report) => Assert.Single(Assert.IsType<SigningReport.Signed>(report).Messages).Signature!.Value;

    private static string Away(NodeStorage node) => node.Node.KeyPath + ".away";
}
