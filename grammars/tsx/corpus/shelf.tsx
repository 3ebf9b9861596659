import { type ReactNode, useState } from "react";
//            ^ reference.import
//                       ^ reference.import
//                                        ^ reference.import

interface Props {
//        ^ definition.interface private
  title: string;
//^ definition.property in=Props public
  children?: ReactNode;
//^ definition.property in=Props public
//           ^ reference.type
}

// Shows one book.
export function Book({ title, children }: Props) {
//              ^ definition.function public doc="Shows one book."
//                                        ^ reference.type
  const [open, setOpen] = useState<boolean>(false);
//                        ^ reference.call
  const toggle = () => setOpen(!open);
//      ^ definition.function in=Book private
//                     ^ reference.call
  return (
    <Card.Frame title={title} onClick={toggle}>
//        ^ reference.call
//                     ^ reference.read
//                                     ^ reference.read
      <Heading<Props> size="large" />
//     ^ reference.call
//             ^ reference.type
      <div className="plain">{children}</div>
//                            ^ reference.read
    </Card.Frame>
  );
}

export const Shelf: React.FC<Props> = (props) => <Book {...props} />;
//           ^ definition.function public
//                        ^ reference.type
//                           ^ reference.type
//                                                ^ reference.call

export class Panel extends React.Component<Props> {
//           ^ definition.class public
//                               ^ reference.inherit
//                                         ^ reference.type
  state = { open: false };
//^ definition.field in=Panel public
  render() {
//^ definition.method in=Panel public
    return <Shelf title="x" />;
//          ^ reference.call
  }
}

export const near = 1, far = () => { const hidden = () => 2; return hidden; };
//           ^ definition.constant public
//                     ^ definition.function public
//                                         ^ definition.function in=far private
export let lower, upper;
//         ^ definition.variable public
//                ^ definition.variable public
export const { useShelf, useBook } = api;
//             ^ definition.constant public
//                       ^ definition.constant public
export const [firstSlot, lastSlot] = slots;
//            ^ definition.constant public
//                       ^ definition.constant public
const [topSlot] = slots;
//     ^ definition.constant private
