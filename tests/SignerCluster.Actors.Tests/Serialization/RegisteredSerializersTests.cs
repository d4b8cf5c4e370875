using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Tests.Serialization;

/// <summary>L1: what a node would read from bytes, by the numbers that those bytes may choose.</summary>
public sealed class RegisteredSerializersTests : IAsyncLifetime
{
    private ClusterNode _node = null!;

    private Akka.Serialization.Serialization Serialization => _node.System.Serialization;

    public async Task InitializeAsync()
    {
        _node = await ClusterNode.StartAsync(ClusterNode.NoTransport);
        _ = ClusterSharding.Get(_node.System);
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public void L1_Only_known_serializers_are_registered()
    {
        FieldInfo byNumber = typeof(Akka.Serialization.Serialization).GetField("_serializersById", BindingFlags.NonPublic | BindingFlags.Instance)!;
        Dictionary<int, Serializer> registered = (Dictionary<int, Serializer>)byNumber.GetValue(Serialization)!;
        string found = string.Join('\n', registered.OrderBy(static entry => entry.Key).Select(static entry => $"{entry.Key} {entry.Value.GetType().FullName}"));
        // Those of Akka take no class from bytes: what they carry is read by the serializer whose number it has, so by one of this list again.
        Assert.Equal(
            """
            0 Akka.Serialization.NullSerializer
            1 SignerCluster.Actors.Serialization.RefusesJson
            2 SignerCluster.Actors.Serialization.RefusesProto
            3 SignerCluster.Actors.Serialization.RefusesDaemonCreate
            4 SignerCluster.Actors.Serialization.RefusesBytes
            5 Akka.Cluster.Serialization.ClusterMessageSerializer
            6 Akka.Remote.Serialization.MessageContainerSerializer
            7 Akka.Persistence.Serialization.PersistenceMessageSerializer
            8 Akka.Persistence.Serialization.PersistenceSnapshotSerializer
            11 Akka.DistributedData.Serialization.ReplicatedDataSerializer
            12 Akka.DistributedData.Serialization.ReplicatorMessageSerializer
            13 Akka.Cluster.Sharding.Serialization.ClusterShardingMessageSerializer
            14 Akka.Cluster.Tools.Singleton.Serialization.ClusterSingletonMessageSerializer
            16 SignerCluster.Actors.Serialization.GuardedMiscellaneous
            17 Akka.Remote.Serialization.PrimitiveSerializers
            22 SignerCluster.Actors.Serialization.GuardedSystemMessages
            36 Akka.Cluster.Serialization.ReliableDeliverySerializer
            9001 SignerCluster.Actors.Serialization.MessageSerializer
            """,
            found);
        Assert.All(registered, static entry => Assert.Equal(entry.Key, entry.Value.Identifier));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void L1_Bytes_that_name_a_class_are_refused_and_run_nothing_of_it(int number)
    {
        string type = typeof(GadgetException).AssemblyQualifiedName!;
        byte[] json = Encoding.UTF8.GetBytes($$"""{"$type":"{{type}}","Command":"anything"}""");
        Assert.Throws<SerializationException>(() => Serialization.Deserialize(json, number, type));
        Assert.Throws<SerializationException>(() => Serialization.Deserialize(json, number, typeof(GadgetException)));
        Assert.Equal(0, GadgetException.Runs);
    }

    [Fact]
    public void L1_A_failure_that_names_a_class_is_refused_and_runs_nothing_of_it()
    {
        MiscMessageSerializer unguarded = new((ExtendedActorSystem)_node.System);
        Status.Failure failure = new(new GadgetException());
        byte[] bytes = unguarded.ToBinary(failure);
        Assert.IsType<Status.Failure>(unguarded.FromBinary(bytes, unguarded.Manifest(failure)));
        Assert.Equal(1, GadgetException.Made);

        Assert.Throws<SerializationException>(() => Serialization.Deserialize(bytes, unguarded.Identifier, unguarded.Manifest(failure)));
        Assert.Equal(1, GadgetException.Made);
    }

    [Fact]
    public void L1_A_system_message_that_carries_an_exception_is_refused()
    {
        byte[] bytes = new SystemMessageSerializer((ExtendedActorSystem)_node.System).ToBinary(new Recreate(new InvalidOperationException("A cause.")));
        Assert.Throws<SerializationException>(() => Serialization.Deserialize(bytes, 22, typeof(Recreate)));
        Assert.Throws<SerializationException>(
            () => Serialization.FindSerializerFor(new Recreate(new GadgetException())).ToBinary(new Recreate(new GadgetException())));
    }

    [Fact]
    public void L1_Nobody_ends_an_actor_of_another_node()
    {
        Assert.Throws<SerializationException>(() => Serialization.Deserialize([], 16, "PP"));
        Assert.Throws<SerializationException>(() => Serialization.Deserialize([], 16, "K"));
        Assert.Throws<SerializationException>(() => Serialization.Deserialize([], 22, typeof(Terminate)));
    }

    [Fact]
    public void What_members_of_a_cluster_say_to_each_other_passes()
    {
        IActorRef actor = _node.System.ActorOf(Actors.LostMessages.Props());
        Assert.Equal(actor, Passed(new ActorIdentity("1", actor)).Subject);
        Assert.Equal(actor, Passed(new Watch((IInternalActorRef)actor, (IInternalActorRef)actor)).Watchee);
        Assert.True(Passed(new DeathWatchNotification(actor, true, false)).ExistenceConfirmed);
    }

    [Fact]
    public void L1_What_is_no_message_of_ours_is_not_sent()
    {
        Assert.Throws<SerializationException>(() => Serialization.Serialize(new GadgetException()));
        Assert.IsType<Actors.Serialization.MessageSerializer>(Serialization.FindSerializerFor(new Wake(EntityAddress.KeyRing)));
    }

    private T Passed<T>(T message)
        where T : notnull
    {
        Serializer serializer = Serialization.FindSerializerFor(message);
        return (T)Serialization.Deserialize(
            serializer.ToBinary(message), serializer.Identifier, Akka.Serialization.Serialization.ManifestFor(serializer, message));
    }

    /// <summary>What an attacker looks for in a process: a class whose making does something.</summary>
    public sealed class GadgetException : Exception
    {
        public GadgetException()
        {
        }

        public GadgetException(string message)
            : base(message)
        {
        }

        public GadgetException(string message, Exception inner)
            : base(message, inner)
        {
        }

#pragma warning disable SYSLIB0051 // It is what Akka's serializer looks for.
        private GadgetException(SerializationInfo info, StreamingContext context)
            : base(info, context) => Made++;
#pragma warning restore SYSLIB0051

        public static int Made { get; private set; }

        public static int Runs { get; private set; }

        public string Command
        {
            get;
            set
            {
                field = value;
                Runs++;
            }
        } = string.Empty;
    }
}
