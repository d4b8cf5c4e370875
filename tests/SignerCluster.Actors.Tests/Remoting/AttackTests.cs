using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>Who attacks a party's node from outside, and who has stolen one of its certificates. The cluster stands through all of it.</summary>
public sealed class AttackTests(AttackTests.Attacked attacked) : IClassFixture<AttackTests.Attacked>
{
    private const string Path = "/user/target";

    public static TheoryData<string> Strays() =>
        ["GET / HTTP/1.1\r\nHost: signer\r\n\r\n", "\u0016\u0003\u0001 no hello", new string('x', 100_000), .. Enumerable.Range(1, 5).Select(Noise)];

    [Theory]
    [MemberData(nameof(Strays))]
    public async Task L1_Stray_bytes_are_a_closed_connection(string stray)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, attacked.Port);
        NetworkStream stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(stray));
            client.Client.Shutdown(SocketShutdown.Send);
            await stream.CopyToAsync(Stream.Null).WaitAsync(PartyNodes.Patience);
        }
        catch (IOException)
        {
            // Reset, as it should be.
        }

        await attacked.Party.Log.HasAsync("TLS handshake failed");
        await attacked.StandsAsync();
    }

    [Fact]
    public async Task L1_A_certificate_of_the_same_authority_that_is_not_pinned_is_refused()
    {
        await using Insider stranger = new(attacked.Party.Stranger);
        stranger.Join(attacked.Address);
        await attacked.Party.Log.HasAsync(" is not pinned");
        await attacked.StandsAsync();
    }

    [Fact]
    public async Task L1_An_expired_certificate_is_refused_though_it_is_pinned()
    {
        await using PartyNodes party = await PartyNodes.StartAsync(1);
        await party.JoinAsync();
        party.Populate();
        await using Insider stranger = new(party.Expired);
        stranger.Join(party.Nodes[0].Cluster.SelfAddress);
        await party.Log.HasAsync(" is not valid now");
        await party.AreWellAsync();
    }

    [Fact]
    public async Task L1_Json_that_names_a_class_makes_nothing()
    {
        string type = typeof(GadgetException).AssemblyQualifiedName!;
        await attacked.TryAsync(
            insider => insider.Tell(attacked.Address, Path, new Forgery.Json(type, $$"""{"$type":"{{type}}","Command":"anything"}""")),
            "Deserialization failed for message with serializer id [1]");
    }

    [Fact]
    public Task L1_An_actor_is_not_deployed_from_afar() =>
        attacked.TryAsync(insider => insider.Deploy(attacked.Address), "Deserialization failed for message with serializer id [3]");

    [Fact]
    public Task L1_An_unknown_message_of_ours_is_refused() => attacked.TryAsync(
        insider => insider.Tell(attacked.Address, Path, new Forgery.Ours("obey.v1", "{}")),
        "Deserialization failed for message with serializer id [9001] and manifest [obey.v1]");

    [Fact]
    public Task L1_A_failure_that_names_a_class_makes_nothing() => attacked.TryAsync(
        insider => insider.Tell(attacked.Address, Path, new Status.Failure(new GadgetException("anything"))),
        "A message 'STF' of Akka's own does not pass between our nodes.");

    [Fact]
    public Task L1_A_poison_pill_ends_nobody() => attacked.TryAsync(
        insider => insider.Tell(attacked.Address, Path, PoisonPill.Instance), "A message 'PP' of Akka's own does not pass between our nodes.");

    [Fact]
    public Task L1_A_kill_ends_nobody() => attacked.TryAsync(
        insider => insider.Tell(attacked.Address, Path, Kill.Instance), "A message 'K' of Akka's own does not pass between our nodes.");

    [Theory]
    [InlineData(Path)]
    [InlineData("/user/*")]
    [InlineData("/system/cluster/../../user/target")]
    public Task L1_A_path_that_a_peer_names_leads_nowhere(string path) =>
        attacked.TryAsync(insider => insider.Select(attacked.Address, path, "hello"), "No message is read that names a path");

    private static string Noise(int seed)
    {
        byte[] bytes = new byte[1000 * seed];
        new Random(seed).NextBytes(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    /// <summary>Two nodes, and an actor on the first.</summary>
    public sealed class Attacked : IAsyncLifetime
    {
        private readonly Target.Seen _seen = new();
        private IActorRef _target = ActorRefs.Nobody;

        internal PartyNodes Party { get; private set; } = null!;

        internal Address Address => Party.Nodes[0].Cluster.SelfAddress;

        internal int Port => PartyNodes.PortOf(Party.Nodes[0]);

        public async Task InitializeAsync()
        {
            Party = await PartyNodes.StartAsync(2);
            await Party.JoinAsync();
            Party.Populate();
            _target = Party.Nodes[0].System.ActorOf(Target.Props(_seen), "target");
            await StandsAsync();
        }

        public async Task DisposeAsync() => await Party.DisposeAsync();

        /// <summary>An attack of somebody with a pinned certificate, and what is logged of it. What is no attack gets through to the actor.</summary>
        internal async Task TryAsync(Action<Insider> attack, string refusal)
        {
            int before = Party.Log.Count(refusal);
            await using Insider insider = new(Party.Inside);
            attack(insider);
            await Party.Log.HasAsync(refusal, before + 1);
            await StandsAsync();
            insider.Tell(Address, Path, new Forgery.Ours("stop.v1", string.Empty));
            await Eventually.IsTrueAsync(() => _seen.Messages > 0, PartyNodes.Patience, static () => "The attack never had a way to the actor.");
            Volatile.Write(ref _seen.Messages, 0);
        }

        /// <summary>Nothing was made, nobody ended or was told anything, and the cluster works.</summary>
        internal async Task StandsAsync()
        {
            Assert.Equal(0, GadgetException.Runs);
            ActorIdentity identity = await _target.Ask<ActorIdentity>(new Identify(0), PartyNodes.Patience);
            Assert.Equal(_target, identity.Subject);
            Assert.Equal((1, 0), (_seen.Starts, _seen.Messages));
            await Party.AreWellAsync();
        }
    }
}
