using System;
//    ^ reference.import
using System.Collections.Generic;
//    ^ reference.import
using static System.Math;
//           ^ reference.import
using Price = System.Decimal;
//            ^ reference.import

namespace Example.Market
//        ^ definition.namespace
{
    public delegate void Traded(Order order, int amount);
//                       ^ definition.type in=Example.Market public
//                              ^ reference.type

    /// <summary>Matches orders.</summary>
    [Serializable]
//   ^ reference.type
    public abstract class Exchange<T> : Board<T>, IDisposable, Core.IRun where T : Order
//                        ^ definition.class in=Example.Market public doc="<summary>Matches orders.</summary>"
//                                      ^ reference.inherit
//                                            ^ reference.type
//                                                ^ reference.inherit
//                                                                  ^ reference.inherit
//                                                                                 ^ reference.type
    {
        private const int Limit = 8, Spare = 2;
//                        ^ definition.constant in=Example.Market.Exchange private
//                                   ^ definition.constant in=Example.Market.Exchange private
        public static readonly string Überschrift = "größer";
//                                    ^ definition.field in=Example.Market.Exchange public
        protected List<Order> orders, closed;
//                ^ reference.type
//                     ^ reference.type
//                            ^ definition.field in=Example.Market.Exchange protected
//                                    ^ definition.field in=Example.Market.Exchange protected
        internal int count;
//                   ^ definition.field in=Example.Market.Exchange internal
//               ^ !reference

        /// <summary>Opens the exchange.</summary>
        public Exchange(string name, Clock clock = null) : base(name)
//             ^ definition.constructor in=Example.Market.Exchange public doc="<summary>Opens the exchange.</summary>"
//                                   ^ reference.type
        {
            this.count = 0;
//               ^ reference.write
            closed = new List<Order>();
//                       ^ reference.call
//                            ^ reference.type
        }

        ~Exchange() { Dispose(); }
//       ^ definition.method in=Example.Market.Exchange private
//                    ^ reference.call

        public event Traded OnTrade;
//                   ^ reference.type
//                          ^ definition.event in=Example.Market.Exchange public
        public event EventHandler OnClose { add { } remove { } }
//                   ^ reference.type
//                                ^ definition.event in=Example.Market.Exchange public

        public int Count { get; private set; }
//                 ^ definition.property in=Example.Market.Exchange public
        public Order? Best => Find(x => x.Open)?.First();
//             ^ reference.type
//                    ^ definition.property in=Example.Market.Exchange public
//                            ^ reference.call
//                                               ^ reference.call
        public Order this[int index] { get { return orders[index]; } }
//                   ^ definition.property in=Example.Market.Exchange public

        public override R Fold<R>(R first, Func<R, T, R> step) where R : class
//                      ^ reference.type
//                        ^ definition.method in=Example.Market.Exchange public
//                                ^ reference.type
//                                         ^ reference.type
//                                              ^ reference.type
//                                                 ^ reference.type
//                                                    ^ reference.type
        {
            foreach (var order in orders) first = step(first, (T)order);
//                                                ^ reference.call
//                                                             ^ reference.type
            Log.Write(typeof(Order), nameof(first));
//          ^ reference.type
//              ^ reference.call
//                           ^ reference.type
//                                   ^ reference.call
            return Local(first);
//                 ^ reference.call

            R Local(R value) { return value; }
//            ^ definition.function in=Example.Market.Exchange.Fold internal
        }

        public abstract void Audit();
//                           ^ definition.method in=Example.Market.Exchange public
        protected internal string toString() => constructor<int>().ToString();
//                                ^ definition.method in=Example.Market.Exchange protected
//                                              ^ reference.call
//                                                                 ^ reference.call
        void IDisposable.Dispose() { book.Total = Core.Sum<int>(1); }
//                       ^ definition.method in=Example.Market.Exchange private
//                                        ^ reference.write
//                                                ^ reference.type
//                                                     ^ reference.call
        private object __proto__() { return new Core.Node(1); }
//                     ^ definition.method in=Example.Market.Exchange private
//                                                   ^ reference.call

        public static Exchange<T> operator +(Exchange<T> a, Order b) => a;
//                                         ^ definition.method in=Example.Market.Exchange public

        private class Page { int número; }
//                    ^ definition.class in=Example.Market.Exchange private
//                               ^ definition.field in=Example.Market.Exchange.Page private
    }

    internal interface IVisitor : IMarker
//                     ^ definition.interface in=Example.Market internal
    {
        void Visit(Page page);
//           ^ definition.method in=Example.Market.IVisitor public
        int Depth { get; }
//          ^ definition.property in=Example.Market.IVisitor public
    }

    public enum Side : byte { Buy = 1, Sell }
//              ^ definition.enum in=Example.Market public
//                            ^ definition.enum_member in=Example.Market.Side public
//                                     ^ definition.enum_member in=Example.Market.Side

    public struct Point { public int X; }
//                ^ definition.struct in=Example.Market public
//                                   ^ definition.field in=Example.Market.Point public

    public record Trade(string Name, Price Cost) : Entry;
//                ^ definition.class in=Example.Market public
//                             ^ definition.property in=Example.Market.Trade public
//                                   ^ reference.type
//                                         ^ definition.property in=Example.Market.Trade public
//                                                 ^ reference.inherit
    public record struct Tick(long At);
//                       ^ definition.struct in=Example.Market public
//                                 ^ definition.property in=Example.Market.Tick public
}
